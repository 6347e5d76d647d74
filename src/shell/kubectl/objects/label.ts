import { labelValueProblems } from '../../../kube/label-validation.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  ALL_NAMESPACES_FLAG,
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FIELD_SELECTOR_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { FlagSpec, ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, refOf, resolveTargets, type Target, targetsOf, visitEach } from '../targets.ts'
import { record } from '../values.ts'
import { mergePatch } from './merge-patch.ts'
import { createChangeReporter } from './report-change.ts'

const METADATA_FLAGS: readonly FlagSpec[] = [
  ...PRINT_FLAGS,
  ...FILE_FLAGS,
  SELECTOR_FLAG,
  FIELD_SELECTOR_FLAG,
  ALL_NAMESPACES_FLAG,
  DRY_RUN_FLAG,
  FIELD_MANAGER_FLAG,
  { name: 'all', type: 'bool' },
  { name: 'list', type: 'bool' },
  { name: 'local', type: 'bool', refused: 'Use --dry-run=client instead.' },
  { name: 'overwrite', type: 'bool' },
  { name: 'resource-version', type: 'string' },
]

/** Sets labels (`kubectl/pkg/cmd/label`). */
export const labelCommand: KubectlCommand = {
  name: 'label',
  summary: 'Update the labels on a resource',
  usage:
    'kubectl label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  words: 'objects',
  flags: METADATA_FLAGS,
  run: (context, given) => changeMetadata(context, given, 'labels'),
}

/** Sets annotations (`kubectl/pkg/cmd/annotate`). */
export const annotateCommand: KubectlCommand = {
  name: 'annotate',
  summary: 'Update the annotations on a resource',
  usage:
    'kubectl annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  words: 'objects',
  flags: METADATA_FLAGS,
  run: (context, given) => changeMetadata(context, given, 'annotations'),
}

type Field = 'labels' | 'annotations'

interface Changes {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

async function changeMetadata(
  context: KubectlContext,
  given: ParsedFlags,
  field: Field,
): Promise<number> {
  const { flags, positionals } = given
  const command = field === 'labels' ? 'label' : 'annotate'
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const { words, pairs } = splitPairs(positionals)
  const listing = flags.bool('list')
  const filenames = flags.list('filename')
  if (words.length === 0 && filenames.length === 0) {
    throw new KubectlError(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    )
  }
  if (flags.bool('all') && flags.string('selector') !== '') {
    throw new KubectlError('cannot set --all and --selector at the same time')
  }
  if (flags.bool('all') && flags.string('field-selector') !== '') {
    throw new KubectlError('cannot set --all and --field-selector at the same time')
  }
  if (pairs.length === 0 && !listing) {
    throw new KubectlError(`at least one ${field.slice(0, -1)} update is required`)
  }
  if (listing && flags.string('output') !== '') {
    throw new KubectlError('--list and --output may not be specified together')
  }
  const changes = parseChanges(pairs, field)
  const resolved = await resolveTargets(context, {
    args: words,
    filenames,
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
  })
  const targets = await targetsOf(context, resolved)
  await visitEach(targets, async (target) => {
    const live = await readTarget(context, target)
    if (listing) {
      listPairs(context, live, field)
      if (pairs.length === 0) return
    }
    const before = live.metadata[field] ?? {}
    if (!flags.bool('overwrite')) refuseOverwrite(before, changes, field)
    for (const key of changes.remove) {
      if (!(key in before))
        context.out(`${field === 'labels' ? 'label' : 'annotation'} "${key}" not found.\n`)
    }
    const patch = patchOf(before, changes, flags.string('resource-version'), field)
    const changed =
      patch === undefined
        ? live
        : await sendPatch(context, target, live, patch, {
            dryRun,
            fieldManager: flags.string('field-manager') || `kubectl-${command}`,
          })
    if (listing) return
    report(changed, outcomeOf(before, changes, field))
  })
  return 0
}

/** Words before the first `key=value` or `key-` name objects (`cmdutil.GetResourcesAndPairs`). */
function splitPairs(args: readonly string[]) {
  const words: string[] = []
  const pairs: string[] = []
  for (const arg of args) {
    const isPair = arg.includes('=') || arg.endsWith('-')
    if (isPair) pairs.push(arg)
    else if (pairs.length > 0) {
      throw new KubectlError(`all resources must be specified before label changes: ${arg}`)
    } else words.push(arg)
  }
  return { words, pairs }
}

/** @throws KubectlError for keys and values that cannot be labels, and for a key both set and removed */
function parseChanges(pairs: readonly string[], field: Field): Changes {
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals !== -1) {
      const key = pair.slice(0, equals)
      const value = pair.slice(equals + 1)
      const problems = field === 'labels' ? labelValueProblems(value) : []
      if (problems.length > 0) {
        throw new KubectlError(
          `invalid label value: ${JSON.stringify(pair)}: ${problems.join('; ')}`,
        )
      }
      set.set(key, value)
    } else remove.push(pair.slice(0, -1))
  }
  const both = remove.find((key) => set.has(key))
  if (both !== undefined) {
    throw new KubectlError(
      field === 'labels'
        ? 'can not both modify and remove a label in the same command'
        : `can not both modify and remove the following annotation(s) in the same command: ${both}`,
    )
  }
  return { set, remove }
}

function listPairs(context: KubectlContext, live: AnyKubeObject, field: Field): void {
  const pairs = Object.entries(live.metadata[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, value] of pairs) context.out(`${key}=${value}\n`)
}

function refuseOverwrite(
  before: Readonly<Record<string, string>>,
  changes: Changes,
  field: Field,
): void {
  const taken = [...changes.set].filter(([key, value]) => key in before && before[key] !== value)
  if (taken.length === 0) return
  if (field === 'annotations') {
    throw new KubectlError(
      taken
        .map(
          ([key]) =>
            `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${before[key]})`,
        )
        .join('; '),
    )
  }
  const texts = taken.map(
    ([key]) => `'${key}' already has a value (${before[key]}), and --overwrite is false`,
  )
  throw new KubectlError(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
}

function patchOf(
  before: Readonly<Record<string, string>>,
  changes: Changes,
  resourceVersion: string,
  field: Field,
): Record<string, unknown> | undefined {
  const map: Record<string, string | null> = {}
  for (const [key, value] of changes.set) if (before[key] !== value) map[key] = value
  for (const key of changes.remove) if (key in before) map[key] = null
  if (Object.keys(map).length === 0 && resourceVersion === '') return undefined
  return { metadata: { [field]: map, ...(resourceVersion === '' ? {} : { resourceVersion }) } }
}

async function sendPatch(
  context: KubectlContext,
  target: Target,
  live: AnyKubeObject,
  patch: Record<string, unknown>,
  options: { readonly dryRun: 'none' | 'client' | 'server'; readonly fieldManager: string },
): Promise<AnyKubeObject> {
  if (options.dryRun === 'client') return mergedObject(live, patch)
  const patched = await context.client.patch(refOf(target), 'merge', patch, {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === 'server',
    onWarning: (text) => context.err(`Warning: ${text}\n`),
    signal: context.signal,
  })
  return { ...patched, apiVersion: live.apiVersion, kind: live.kind }
}

/** The object as the patch makes it, without asking the server. */
function mergedObject(live: AnyKubeObject, patch: unknown): AnyKubeObject {
  const merged = record(mergePatch(live, patch))
  return { ...live, metadata: { ...live.metadata, ...record(merged.metadata) } }
}

function outcomeOf(
  before: Readonly<Record<string, string>>,
  changes: Changes,
  field: Field,
): string {
  if (field === 'annotations') return 'annotated'
  const changed = [...changes.set].some(([key, value]) => before[key] !== value)
  if (changed) return 'labeled'
  return changes.remove.some((key) => key in before) ? 'unlabeled' : 'not labeled'
}
