import { KINDS } from '../kube/kinds.ts'
import { LAB_COMMANDS } from './commands/commands.ts'
import { KUBECTL_COMMANDS } from './kubectl/commands.ts'
import { GLOBAL_FLAGS } from './kubectl/common-flags.ts'
import type { KubectlCommand } from './kubectl/context.ts'
import type { FlagSpec } from './kubectl/flags.ts'
import type { KindResolver } from './kubectl/kind-resolver.ts'
import { refOf } from './kubectl/targets.ts'
import type { LabShellOptions } from './lab-shell.ts'

export interface Completion {
  /** Where the word begins that the words stand for. */
  readonly start: number
  /** Sorted; empty where nothing fits. */
  readonly words: readonly string[]
}

interface Completing {
  readonly options: LabShellOptions
  readonly kinds: KindResolver
}

/** Words that can stand at the caret: commands, flags, kinds, names of live objects, files. Asks the cluster at most once. */
export async function completeLine(
  completing: Completing,
  line: string,
  caret: number,
): Promise<Completion> {
  const before = line.slice(0, caret)
  const segment = /^(?:.*(?:;|&&|\|\|))?/s.exec(before)?.[0].length ?? 0
  const words = before.slice(segment).trimStart().split(/\s+/)
  const typed = words.pop() ?? ''
  const earlier = words[0] === '$' ? words.slice(1) : words
  const { fixed, candidates } = await candidatesFor(completing, earlier, typed)
  const partial = typed.slice(fixed.length)
  const fitting = [...new Set(candidates)].filter((one) => one.startsWith(partial)).sort()
  return { start: caret - partial.length, words: fitting }
}

interface Candidates {
  /** The beginning of the typed word that is kept: `pod/`, `--output=`, `a,`. */
  readonly fixed: string
  readonly candidates: readonly string[]
}

const NOTHING: Candidates = { fixed: '', candidates: [] }

async function candidatesFor(
  completing: Completing,
  earlier: readonly string[],
  typed: string,
): Promise<Candidates> {
  const [name, ...rest] = earlier
  if (name === undefined) return plain(LAB_COMMANDS.map((command) => command.name))
  if (name === 'kubectl') return kubectlCandidates(completing, rest, typed)
  const command = LAB_COMMANDS.find((one) => one.name === name)
  switch (command?.words) {
    case 'commands':
      return plain(LAB_COMMANDS.map((one) => one.name))
    case 'files':
      return files(completing, typed)
    default:
      return NOTHING
  }
}

function plain(candidates: readonly string[]): Candidates {
  return { fixed: '', candidates }
}

async function kubectlCandidates(
  completing: Completing,
  earlier: readonly string[],
  typed: string,
): Promise<Candidates> {
  const { command, words } = findCommand(earlier)
  if (command === undefined) {
    const global = pendingFlag(GLOBAL_FLAGS, earlier)
    if (global !== undefined) return flagValues(completing, global, typed)
    const prefix = words.length === 0 ? '' : `${words.join(' ')} `
    const next = KUBECTL_COMMANDS.filter((one) => one.name.startsWith(prefix)).map(
      (one) => one.name.slice(prefix.length).split(' ')[0] ?? '',
    )
    return plain(next)
  }
  const specs = [...command.flags, ...GLOBAL_FLAGS].filter((spec) => spec.refused === undefined)
  const equals = /^(--([a-z-]+)=)/.exec(typed)
  const asked = equals === null ? pendingFlag(specs, earlier) : flagNamed(specs, equals[2] ?? '')
  if (asked !== undefined) {
    const fixed = equals?.[1] ?? ''
    const inner = await flagValues(completing, asked, typed.slice(fixed.length))
    return { fixed: fixed + inner.fixed, candidates: inner.candidates }
  }
  if (typed.startsWith('-')) return plain(specs.map((spec) => `--${spec.name}`))
  return wordCandidates(completing, command, words, earlier, typed)
}

/** The command that the earlier words name, and its own words after it. */
function findCommand(earlier: readonly string[]): {
  readonly command: KubectlCommand | undefined
  readonly words: readonly string[]
} {
  const words = withoutFlags(earlier, GLOBAL_FLAGS)
  const flagged = earlier.some((word) => word.startsWith('-'))
  const goesOn = KUBECTL_COMMANDS.some((one) => one.name.startsWith(`${words.join(' ')} `))
  for (const length of [3, 2, 1]) {
    if (words.length < length) continue
    const name = words.slice(0, length).join(' ')
    const command = KUBECTL_COMMANDS.find(
      (one) => one.name === name || one.aliases?.includes(name) === true,
    )
    if (command === undefined || (goesOn && !flagged)) continue
    const specs = [...command.flags, ...GLOBAL_FLAGS]
    return { command, words: withoutFlags(earlier, specs).slice(name.split(' ').length) }
  }
  return { command: undefined, words }
}

function withoutFlags(words: readonly string[], specs: readonly FlagSpec[]): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (!word.startsWith('-')) kept.push(word)
    else if (takesNext(specs, word)) index += 1
  }
  return kept
}

function takesNext(specs: readonly FlagSpec[], word: string): boolean {
  const spec = specOf(specs, word)
  return (
    spec !== undefined && spec.type !== 'bool' && spec.alone === undefined && !word.includes('=')
  )
}

function specOf(specs: readonly FlagSpec[], word: string): FlagSpec | undefined {
  if (word.startsWith('--')) return flagNamed(specs, word.slice(2))
  return word.length === 2 ? specs.find((spec) => spec.short === word[1]) : undefined
}

function flagNamed(specs: readonly FlagSpec[], name: string): FlagSpec | undefined {
  return specs.find((spec) => spec.name === name)
}

/** The flag right before the caret that waits for its value. */
function pendingFlag(specs: readonly FlagSpec[], earlier: readonly string[]): FlagSpec | undefined {
  const last = earlier.at(-1) ?? ''
  return last.startsWith('-') && takesNext(specs, last) ? specOf(specs, last) : undefined
}

async function flagValues(
  completing: Completing,
  spec: FlagSpec,
  typed: string,
): Promise<Candidates> {
  if (spec.name === 'filename') return files(completing, typed)
  if (spec.name === 'namespace') return plain(await namesOf(completing, 'namespaces', undefined))
  return plain(spec.values ?? [])
}

async function wordCandidates(
  completing: Completing,
  command: KubectlCommand,
  words: readonly string[],
  earlier: readonly string[],
  typed: string,
): Promise<Candidates> {
  const namespace =
    namespaceIn(earlier) ?? completing.options.namespace ?? completing.options.client.namespace
  switch (command.words) {
    case 'pods':
      return words.length > 0 || earlier.includes('--')
        ? NOTHING
        : plain(await namesOf(completing, 'pods', namespace))
    case 'objects': {
      const slash = typed.indexOf('/')
      if (slash > 0) {
        const names = await namesOf(completing, typed.slice(0, slash), namespace)
        return { fixed: typed.slice(0, slash + 1), candidates: names }
      }
      const [kind] = words
      if (kind !== undefined) return plain(await namesOf(completing, kind, namespace))
      const comma = typed.lastIndexOf(',')
      return { fixed: typed.slice(0, comma + 1), candidates: KIND_WORDS }
    }
    case 'kinds':
      return plain(KIND_WORDS)
    case 'none':
      return NOTHING
  }
}

const KIND_WORDS: readonly string[] = ['all', ...KINDS.map((kind) => kind.plural)]

function namespaceIn(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const joined = /^(?:--namespace=|-n=?)(.+)$/.exec(word)?.[1]
    if (joined !== undefined) return joined
    if (word === '-n' || word === '--namespace') return words[index + 1]
  }
  return undefined
}

/** Names of live objects; nothing where the cluster does not say. */
async function namesOf(
  completing: Completing,
  typed: string,
  namespace: string | undefined,
): Promise<readonly string[]> {
  try {
    const kind = await completing.kinds.typed(typed)
    const ref = refOf({ kind, namespace: kind.namespaced ? namespace : undefined })
    const list = await completing.options.client.list(ref)
    return list.items.map((item) => item.metadata.name)
  } catch {
    // Completion is a courtesy: the command itself will say what is wrong.
    return []
  }
}

async function files(completing: Completing, typed: string): Promise<Candidates> {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1)
  try {
    const entries = (await completing.options.workFolder.list(folder === '' ? '.' : folder)) ?? []
    const names = entries.map((entry) => `${entry.name}${entry.kind === 'folder' ? '/' : ''}`)
    return { fixed: folder, candidates: names }
  } catch {
    return NOTHING
  }
}
