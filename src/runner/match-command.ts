import type { ConsolePlace } from '../shell/ports.ts'

/**
 * Whether a typed line does what a lesson's line does. Items are ticked by what happened, not by keys: the order of
 * flags, `--flag=value` or `--flag value`, short names and another tool for the same connection make no difference.
 */
export function sameEffect(wanted: string, typed: string, place: ConsolePlace): boolean {
  const a = words(wanted)
  const b = words(typed)
  if (a.length === 0 || b.length === 0) return false
  if (a.join(' ') === b.join(' ')) return true
  return place === 'pod' ? samePodCommand(a, b) : sameLabCommand(a, b)
}

function samePodCommand(a: readonly string[], b: readonly string[]): boolean {
  const left = connection(a)
  const right = connection(b)
  return left !== undefined && left === right
}

/** The connection that a tool opens, as `tcp host port`, `icmp host` or `dns name`. */
function connection(argv: readonly string[]): string | undefined {
  const [program, ...rest] = argv
  const plain = positionals(
    rest,
    new Set([
      '-T',
      '--timeout',
      '-O',
      '-P',
      '-o',
      '-w',
      '-W',
      '-c',
      '-m',
      '--max-time',
      '--connect-timeout',
      '-U',
      '--header',
      '-i',
    ]),
  )
  switch (program) {
    case 'wget':
    case 'curl': {
      const target = plain.at(-1)
      return target === undefined ? undefined : tcp(target)
    }
    case 'nc':
    case 'telnet':
      return plain[0] === undefined || plain[1] === undefined
        ? undefined
        : `tcp ${plain[0]} ${plain[1]}`
    case 'ping':
      return plain[0] === undefined ? undefined : `icmp ${plain[0]}`
    case 'nslookup':
      return plain[0] === undefined ? undefined : `dns ${plain[0]}`
    default:
      return undefined
  }
}

function tcp(target: string): string {
  const secure = target.startsWith('https://')
  const authority = target.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const at = authority.lastIndexOf(':')
  const host = at === -1 ? authority : authority.slice(0, at)
  const port = at === -1 ? (secure ? '443' : '80') : authority.slice(at + 1)
  return `tcp ${host} ${port}`
}

const SHORT: Readonly<Record<string, string>> = {
  '-f': '--filename',
  '-l': '--labels',
  '-n': '--namespace',
  '-o': '--output',
  '-c': '--container',
}

/** Flags that change how a command talks, not what it does. */
const IGNORED = new Set(['--generator', '--wait', '--now', '--output'])

const TYPES: Readonly<Record<string, string>> = {
  pods: 'pod',
  po: 'pod',
  services: 'service',
  svc: 'service',
  networkpolicies: 'networkpolicy',
  netpol: 'networkpolicy',
  namespaces: 'namespace',
  ns: 'namespace',
}

function sameLabCommand(a: readonly string[], b: readonly string[]): boolean {
  return canonicalLab(a) === canonicalLab(b)
}

function canonicalLab(argv: readonly string[]): string {
  const at = argv.indexOf('--')
  const before = at === -1 ? argv : argv.slice(0, at)
  const inside = at === -1 ? [] : argv.slice(at + 1)
  // What runs in a pod through kubectl exec is compared as in the pod's own shell.
  const after = (argv[1] === 'exec' ? connection(inside) : undefined) ?? inside
  const plain: string[] = []
  const flags: string[] = []
  const queue = [...before]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!word.startsWith('-') || word === '-') {
      plain.push(word)
      continue
    }
    if (/^-[it]{2}$/.test(word)) {
      flags.push('--stdin', '--tty')
      continue
    }
    const [name = word, ...value] = word.split('=')
    const long = name === '-i' ? '--stdin' : name === '-t' ? '--tty' : (SHORT[name] ?? name)
    if (value.length > 0) flags.push(`${long}=${value.join('=')}`)
    else if (BOOLEAN.has(long)) flags.push(long)
    else flags.push(`${long}=${queue.shift() ?? ''}`)
  }
  const kept = flags.filter((flag) => !IGNORED.has(flag.split('=')[0] ?? '')).sort()
  return JSON.stringify([targets(plain), kept, after])
}

const BOOLEAN = new Set([
  '--rm',
  '--stdin',
  '--tty',
  '--expose',
  '--all',
  '--now',
  '--force',
  '--wait',
  '--quiet',
  '--all-namespaces',
  '-A',
  '-w',
  '--watch',
  '--show-labels',
  '--command',
])

/** `pod,service web` and `pods/web services/web` name the same objects. */
function targets(plain: readonly string[]): readonly string[] {
  const [program, verb, ...rest] = plain
  if (program !== 'kubectl' || verb === undefined) return plain
  if (verb !== 'delete' && verb !== 'get' && verb !== 'describe') return plain
  if (rest.some((word) => word.includes('/'))) {
    return [
      program,
      verb,
      ...rest
        .map((word) => {
          const [type = '', name = ''] = word.split('/')
          return `${singular(type)}/${name}`
        })
        .sort(),
    ]
  }
  const [types = '', ...names] = rest
  const all = types
    .split(',')
    .flatMap((type) =>
      names.length === 0 ? [singular(type)] : names.map((name) => `${singular(type)}/${name}`),
    )
  return [program, verb, ...all.sort()]
}

function singular(type: string): string {
  const bare = type.split('.')[0] ?? type
  return TYPES[bare] ?? bare
}

function positionals(argv: readonly string[], withValue: ReadonlySet<string>): readonly string[] {
  const plain: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (withValue.has(word)) index++
    else if (!word.startsWith('-') || word === '-') plain.push(word)
  }
  return plain
}

/** Splits at blanks, with sh's quotes taken away; enough to compare lines, not to run them. */
function words(line: string): readonly string[] {
  const found: string[] = []
  for (const match of line
    .replace(/\\\n/g, ' ')
    .trim()
    .matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"'])+/g)) {
    found.push(match[0].replace(/["']/g, ''))
  }
  return found
}
