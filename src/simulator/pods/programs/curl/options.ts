/** The options of curl that the simulated one knows. */
export interface CurlOptions {
  readonly urls: readonly string[]
  readonly flags: ReadonlySet<string>
  /** Values by long name, in their order. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Wrong arguments, in curl's words. */
export class CurlUsageError extends Error {
  override readonly name = 'CurlUsageError'
}

/** Long names; `=` takes a value. */
const LONG: readonly string[] = [
  'anyauth',
  'basic',
  'compressed',
  'fail',
  'fail-early',
  'fail-with-body',
  'get',
  'globoff',
  'head',
  'help',
  'http1.0',
  'http1.1',
  'http2',
  'include',
  'insecure',
  'ipv4',
  'ipv6',
  'location',
  'no-buffer',
  'no-keepalive',
  'no-progress-meter',
  'progress-bar',
  'remote-name',
  'retry-all-errors',
  'retry-connrefused',
  'show-error',
  'silent',
  'tcp-nodelay',
  'verbose',
  'version',
  'tlsv1.2',
  'tlsv1.3',
  'path-as-is',
  'create-dirs',
  'raw',
  'cacert=',
  'connect-timeout=',
  'cookie=',
  'data=',
  'data-ascii=',
  'data-binary=',
  'data-raw=',
  'data-urlencode=',
  'header=',
  'json=',
  'keepalive-time=',
  'max-redirs=',
  'max-time=',
  'noproxy=',
  'output=',
  'referer=',
  'request=',
  'resolve=',
  'retry=',
  'retry-delay=',
  'retry-max-time=',
  'url=',
  'user=',
  'user-agent=',
  'write-out=',
  'quote=',
  'proto=',
]

/** Options that a real curl has and this one does not. */
const NOT_SIMULATED = [
  'form',
  'upload-file',
  'connect-to',
  'interface',
  'proxy',
  'cert',
  'key',
  'socks5',
  'config',
  'unix-socket',
  'http3',
]

const SHORT: Readonly<Record<string, string>> = {
  '#': 'progress-bar',
  '0': 'http1.0',
  '4': 'ipv4',
  '6': 'ipv6',
  A: 'user-agent',
  b: 'cookie',
  d: 'data',
  e: 'referer',
  f: 'fail',
  F: 'form',
  G: 'get',
  g: 'globoff',
  h: 'help',
  H: 'header',
  I: 'head',
  i: 'include',
  k: 'insecure',
  K: 'config',
  L: 'location',
  m: 'max-time',
  N: 'no-buffer',
  o: 'output',
  O: 'remote-name',
  Q: 'quote',
  s: 'silent',
  S: 'show-error',
  T: 'upload-file',
  u: 'user',
  v: 'verbose',
  V: 'version',
  w: 'write-out',
  X: 'request',
  x: 'proxy',
  E: 'cert',
}

const NUMBERS = [
  'connect-timeout',
  'max-time',
  'max-redirs',
  'retry',
  'retry-delay',
  'retry-max-time',
]

/** @throws CurlUsageError */
export function parseCurlOptions(args: readonly string[]): CurlOptions {
  const urls: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  const fail = (option: string, what: string) =>
    new CurlUsageError(`curl: option ${option}: ${what}`)

  /** Sets an option; says whether it took the value that was offered. */
  const set = (name: string, shown: string, offered: () => string | undefined): boolean => {
    if (NOT_SIMULATED.includes(name)) throw fail(shown, 'is not simulated')
    if (!LONG.includes(`${name}=`)) {
      flags.add(name)
      return false
    }
    const value = offered()
    if (value === undefined) throw fail(shown, 'requires parameter')
    if (NUMBERS.includes(name) && !/^\d+(\.\d+)?$/.test(value)) {
      throw fail(shown, 'expected a proper numerical parameter')
    }
    if (name === 'url') urls.push(value)
    else values.set(name, [...(values.get(name) ?? []), value])
    return true
  }

  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    const next = () => args[++index]
    if (argument === '--') {
      urls.push(...args.slice(index + 1))
      break
    }
    if (argument.startsWith('--')) {
      const word = argument.slice(2)
      const bare = LONG.map((name) => name.replace('=', ''))
      const off = word.startsWith('no-') && bare.includes(word.slice(3)) && !bare.includes(word)
      const name = off ? word.slice(3) : word
      const matching = bare.filter((candidate) => candidate.startsWith(name))
      const found =
        bare.includes(name) || NOT_SIMULATED.includes(name)
          ? name
          : matching.length === 1
            ? matching[0]
            : undefined
      if (found === undefined) throw fail(argument, 'is unknown')
      if (off) flags.delete(found)
      else set(found, argument, next)
    } else if (argument.startsWith('-') && argument !== '-') {
      for (let at = 1; at < argument.length; at++) {
        const letter = argument[at] ?? ''
        const name = SHORT[letter]
        if (name === undefined) throw fail(argument, 'is unknown')
        const rest = argument.slice(at + 1)
        if (set(name, `-${letter}`, () => (rest === '' ? next() : rest))) break
      }
    } else urls.push(argument)
  }
  return { urls, flags, values }
}
