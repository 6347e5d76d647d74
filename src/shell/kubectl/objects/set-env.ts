import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, resolveTargets, targetsOf, visitEach } from '../targets.ts'
import { isRecord, record, records, text } from '../values.ts'
import { podSpecIn } from './change-object.ts'
import { changeTemplates, containersOf, SET_FLAGS } from './set-template.ts'

const NO_FROM = 'Name the variables themselves, as in: kubectl set env deployment/web COLOUR=blue.'

/** `kubectl set env` (`kubectl/pkg/cmd/set/set_env.go`). */
export const setEnvCommand: KubectlCommand = {
  name: 'set env',
  summary: 'Update environment variables on a pod template',
  usage: 'kubectl set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  words: 'objects',
  flags: [
    ...SET_FLAGS,
    { name: 'containers', short: 'c', type: 'string', default: '*' },
    { name: 'env', short: 'e', type: 'array' },
    { name: 'from', type: 'string', refused: NO_FROM },
    { name: 'keys', type: 'slice', refused: NO_FROM },
    { name: 'list', type: 'bool' },
    { name: 'overwrite', type: 'bool', default: 'true' },
    { name: 'prefix', type: 'string', refused: NO_FROM },
    {
      name: 'resolve',
      type: 'bool',
      refused: 'Look into the config map with kubectl get -o yaml.',
    },
  ],
  run: runSetEnv,
}

/** What `KEY=VALUE` and `KEY-` say. */
interface Variables {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

async function runSetEnv(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const isVariable = (word: string) =>
    word.includes('=') || (word.endsWith('-') && !word.includes('/'))
  const words = positionals.filter((word) => !isVariable(word))
  const variables = readVariables([...positionals.filter(isVariable), ...flags.list('env')])
  if (words.length === 0 && flags.list('filename').length === 0) {
    throw new KubectlError(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    )
  }
  if (flags.bool('list')) return listVariables(context, given, words)
  return changeTemplates(context, given, {
    words,
    operation: 'env updated',
    failing: 'failed to patch env update to pod template:',
    change(podSpec) {
      const containers = containersOf(podSpec, flags.string('containers'))
      if (containers.length === 0) {
        throw new KubectlError(
          `warning: the object does not have any containers matching ${JSON.stringify(flags.string('containers'))}`,
        )
      }
      for (const container of containers) {
        if (!flags.bool('overwrite')) refuseOverwrite(container, variables)
        changeVariables(container, variables)
      }
    },
  })
}

/** @throws KubectlError for what is no name of a variable, and for one both set and removed */
function readVariables(words: readonly string[]): Variables {
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals === -1) {
      remove.push(word.slice(0, -1))
      continue
    }
    const name = word.slice(0, equals)
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
      throw new KubectlError(`environment variables must be of the form key=value`)
    }
    set.set(name, word.slice(equals + 1))
  }
  const both = remove.find((name) => set.has(name))
  if (both !== undefined) {
    throw new KubectlError(
      `can not both modify and remove the following environment variables in the same command: ${both}`,
    )
  }
  return { set, remove }
}

function refuseOverwrite(container: Record<string, unknown>, { set }: Variables): void {
  const taken = records(container.env).find((one) => {
    const value = set.get(text(one.name))
    return value !== undefined && value !== text(one.value)
  })
  if (taken === undefined) return
  throw new KubectlError(
    `'${text(taken.name)}' already has a value (${text(taken.value)}), and --overwrite is false`,
  )
}

function changeVariables(container: Record<string, unknown>, { set, remove }: Variables): void {
  const before = records(container.env)
  if (before.length === 0 && set.size === 0) return
  const kept = before
    .filter((one) => !remove.includes(text(one.name)))
    .map((one) => {
      const value = set.get(text(one.name))
      return value === undefined ? one : { name: one.name, ...(value === '' ? {} : { value }) }
    })
  const added = [...set]
    .filter(([name]) => !kept.some((one) => one.name === name))
    .map(([name, value]) => ({ name, ...(value === '' ? {} : { value }) }))
  const env = [...kept, ...added]
  if (env.length === 0) delete container.env
  else container.env = env
}

async function listVariables(
  context: KubectlContext,
  { flags }: ParsedFlags,
  words: readonly string[],
): Promise<number> {
  const resolved = await resolveTargets(context, {
    args: words,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    all: flags.bool('all'),
  })
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const podSpec = podSpecIn(await readTarget(context, target))
    if (podSpec === undefined) return
    for (const container of containersOf(podSpec, flags.string('containers'))) {
      context.out(`# ${target.kind.kind} ${target.name}, container ${text(container.name)}\n`)
      for (const variable of records(container.env)) context.out(`${variableText(variable)}\n`)
    }
  })
  return 0
}

function variableText(variable: Record<string, unknown>): string {
  const name = text(variable.name)
  const from = variable.valueFrom
  if (!isRecord(from)) return `${name}=${text(variable.value)}`
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = from
  const keyed = (kind: string, ref: unknown) =>
    `# ${name} from ${kind} ${text(record(ref).name)}, key ${text(record(ref).key)}`
  if (isRecord(configMapKeyRef)) return keyed('configmap', configMapKeyRef)
  if (isRecord(secretKeyRef)) return keyed('secret', secretKeyRef)
  if (isRecord(fieldRef)) return `# ${name} from field path ${text(fieldRef.fieldPath)}`
  if (isRecord(resourceFieldRef))
    return `# ${name} from resource ${text(resourceFieldRef.resource)}`
  return `# ${name} from unknown source`
}
