import { distance } from 'fastest-levenshtein'
import {
  isGroup,
  refuseGroup,
  refuseMissingCommand,
  refuseMissingKind,
} from './cluster/not-here.ts'
import { KUBECTL_COMMANDS } from './commands.ts'
import { GLOBAL_FLAGS } from './common-flags.ts'
import type { KubectlCommand, KubectlContext } from './context.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { helpFor, kubectlHelp } from './help.ts'
import { KubectlError } from './kubectl-error.ts'
import { describeError } from './print-error.ts'

/** What a call of kubectl gets from the command line. Namespace and flags are read from the arguments. */
export type KubectlCall = Omit<KubectlContext, 'namespace' | 'enforceNamespace'> & {
  /** Namespace where `-n` does not say another. */
  readonly namespace: string
}

/**
 * Runs `kubectl` with these arguments and prints what kubectl 1.32 prints.
 *
 * @returns the exit code. Rejects only for an abort and for defects.
 */
export async function runKubectl(call: KubectlCall, args: readonly string[]): Promise<number> {
  try {
    return await dispatch(call, args)
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason
    const { text, exitCode } = describeError(error)
    call.err(text)
    return exitCode
  }
}

async function dispatch(call: KubectlCall, args: readonly string[]): Promise<number> {
  const { command, group, rest } = findCommand(args)
  if (command === undefined) {
    // Only flags: kubectl checks them, then shows its help.
    parseFlags('kubectl', GLOBAL_FLAGS, rest)
    const commands =
      group === undefined
        ? KUBECTL_COMMANDS
        : KUBECTL_COMMANDS.filter((one) => one.name.startsWith(`${group} `))
    call.out(kubectlHelp(commands))
    return 0
  }
  const specs: readonly FlagSpec[] = withGlobals(command.flags)
  const given = parseFlags(`kubectl ${command.name}`, specs, rest)
  if (given.flags.bool('help')) {
    call.out(helpFor(command))
    return 0
  }
  const enforceNamespace = given.flags.has('namespace')
  const namespace = enforceNamespace ? given.flags.string('namespace') : call.namespace
  return command.run({ ...call, namespace: namespace || call.namespace, enforceNamespace }, given)
}

/** A command's own flag hides a global one of the same letter. */
function withGlobals(own: readonly FlagSpec[]): readonly FlagSpec[] {
  const names = new Set(own.map((spec) => spec.name))
  const letters = new Set(own.map((spec) => spec.short))
  const globals = GLOBAL_FLAGS.filter((spec) => !names.has(spec.name)).map((spec) => {
    const { short, ...others } = spec
    return short !== undefined && letters.has(short) ? others : spec
  })
  return [...own, ...globals]
}

/** The command that the first words name, and all other arguments in order (cobra's `Find`). */
export function findCommand(args: readonly string[]): {
  readonly command: KubectlCommand | undefined
  /** The first word of several commands, where none of them follows. */
  readonly group?: string
  readonly rest: readonly string[]
} {
  const words = wordPositions(args)
  const [first] = words
  if (first === undefined) return { command: undefined, rest: args }
  const word = args[first] ?? ''
  for (const length of [3, 2, 1]) {
    const taken = words.slice(0, length)
    if (length === 1) refuseMissingKind(words.map((at) => args[at] ?? ''))
    const command = named(taken.map((at) => args[at] ?? '').join(' '))
    if (command !== undefined) {
      return { command, rest: args.filter((_arg, at) => !taken.includes(at)) }
    }
  }
  refuseMissingCommand(word)
  if (isGroup(word)) {
    refuseGroup(words.map((at) => args[at] ?? ''))
    return { command: undefined, group: word, rest: args.filter((_arg, at) => at !== first) }
  }
  throw unknownCommand(word)
}

function named(name: string): KubectlCommand | undefined {
  return KUBECTL_COMMANDS.find(
    (command) => command.name === name || command.aliases?.includes(name) === true,
  )
}

/** Where the words stand that are neither flags nor their values, up to `--`. */
function wordPositions(args: readonly string[]): readonly number[] {
  const positions: number[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') {
      positions.push(index)
      continue
    }
    if (positions.length > 0 || arg.includes('=')) continue
    const spec = arg.startsWith('--')
      ? GLOBAL_FLAGS.find((one) => one.name === arg.slice(2))
      : GLOBAL_FLAGS.find((one) => one.short === arg.slice(1))
    if (spec?.type !== 'bool') index += 1
  }
  return positions
}

/** cobra's words, with its suggestions: names at most two letters away, or that begin so. */
function unknownCommand(word: string): KubectlError {
  const near = KUBECTL_NAMES.filter(
    (name) => distance(word.toLowerCase(), name) <= 2 || name.startsWith(word.toLowerCase()),
  )
  const suggestions = near.map((name) => `\t${name}\n`).join('')
  return new KubectlError(
    `unknown command ${JSON.stringify(word)} for "kubectl"${suggestions === '' ? '' : `\n\nDid you mean this?\n${suggestions}`}`,
  )
}

/** Every command of kubectl 1.32, in the order of its help: suggestions do not depend on what the lab has. */
const KUBECTL_NAMES: readonly string[] = [
  'create',
  'expose',
  'run',
  'set',
  'explain',
  'get',
  'edit',
  'delete',
  'rollout',
  'scale',
  'autoscale',
  'certificate',
  'cluster-info',
  'top',
  'cordon',
  'uncordon',
  'drain',
  'taint',
  'describe',
  'logs',
  'attach',
  'exec',
  'port-forward',
  'proxy',
  'cp',
  'auth',
  'debug',
  'events',
  'diff',
  'apply',
  'patch',
  'replace',
  'wait',
  'kustomize',
  'label',
  'annotate',
  'completion',
  'api-resources',
  'api-versions',
  'config',
  'plugin',
  'version',
]
