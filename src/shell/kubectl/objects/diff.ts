import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { FIELD_MANAGER_FLAG, FILE_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { toGoYaml } from '../print/go-yaml.ts'
import { refOf, resolveTargets, type Target } from '../targets.ts'
import { isRecord, record, stringMap } from '../values.ts'
import { mergeForApply } from './apply.ts'
import { selectByLabels } from './select-by-labels.ts'
import { unifiedHunks } from './unified-diff.ts'

/** Shows what `apply` would change, as `diff -u -N` shows it (`kubectl/pkg/cmd/diff`). */
export const diffCommand: KubectlCommand = {
  name: 'diff',
  summary: 'Diff the live version against a would-be applied version',
  usage: 'kubectl diff -f FILENAME',
  words: 'none',
  flags: [
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    FIELD_MANAGER_FLAG,
    { name: 'concurrency', type: 'int', default: '1' },
    { name: 'force-conflicts', type: 'bool' },
    { name: 'prune', type: 'bool', refused: 'Delete what is no longer wanted by name.' },
    { name: 'prune-allowlist', type: 'array', refused: 'Delete what is no longer wanted by name.' },
    { name: 'server-side', type: 'bool' },
    { name: 'show-managed-fields', type: 'bool' },
  ],
  run: runDiff,
}

/** 0 without a difference, 1 with one, more for a failure. */
async function runDiff(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) throw failure(`Unexpected args: [${positionals.join(' ')}]`)
  const filenames = flags.list('filename')
  if (filenames.length === 0) throw failure('must specify one of -f and -k')
  let differs = false
  try {
    const resolved = await resolveTargets(context, {
      args: [],
      filenames,
      recursive: flags.bool('recursive'),
    })
    const all = resolved.by === 'name' ? resolved.targets : []
    for (const target of selectByLabels(all, flags.string('selector'))) {
      const { live, merged } = await bothVersions(context, target, given)
      const shown = (object: AnyKubeObject | undefined) =>
        object === undefined ? '' : toGoYaml(plain(object, flags.bool('show-managed-fields')))
      const hunks = unifiedHunks(...masked(live, merged, shown))
      if (hunks === '') continue
      differs = true
      const { kind, namespace = '', name } = target
      const group = kind.group === '' ? '' : `${kind.group}.`
      const file = `${group}${kind.version}.${kind.kind}.${namespace}.${name}`
      const time = fileTime(context.clock.now())
      context.out(
        `diff -u -N LIVE/${file} MERGED/${file}\n--- LIVE/${file}\t${time}\n+++ MERGED/${file}\t${time}\n${hunks}`,
      )
    }
  } catch (error) {
    throw error instanceof KubectlError && !(error instanceof KubeStatusError)
      ? failure(error.message)
      : error
  }
  return differs ? 1 : 0
}

function failure(message: string): KubectlError {
  return new KubectlError(message, { exitCode: 2 })
}

async function bothVersions(context: KubectlContext, target: Target, { flags }: ParsedFlags) {
  const { object } = target
  if (object === undefined) throw new KubectlError('a file is needed')
  const ref = refOf(target)
  const { signal } = context
  const own = { apiVersion: object.apiVersion, kind: object.kind }
  const found = await context.client.find(ref, { signal })
  const live = found === undefined ? undefined : { ...found, ...own }
  const write = {
    dryRun: true,
    fieldManager:
      flags.string('field-manager') ||
      (flags.bool('server-side') ? 'kubectl' : 'kubectl-client-side-apply'),
    signal,
  }
  const merged = flags.bool('server-side')
    ? await context.client.patch(ref, 'apply', object, {
        ...write,
        force: flags.bool('force-conflicts'),
      })
    : live === undefined
      ? await context.client.create<AnyKubeObject>(object, write)
      : await context.client.patch(
          ref,
          'merge',
          mergeForApply(target, withAnnotations(object), live).patch,
          write,
        )
  return { live, merged: { ...merged, ...own } }
}

/** What was applied last always names annotations, if only to say that there are none. */
function withAnnotations(object: AnyKubeObject): AnyKubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: metadata.annotations ?? {} } }
}

function plain(object: AnyKubeObject, withManagedFields: boolean): Record<string, unknown> {
  if (withManagedFields) return object
  const { managedFields: _dropped, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** The values of secrets are not for everybody's eyes: only that they differ is shown (`diff.Masker`). */
function masked(
  live: AnyKubeObject | undefined,
  merged: AnyKubeObject,
  shown: (object: AnyKubeObject | undefined) => string,
): readonly [string, string] {
  if (merged.kind !== 'Secret' || merged.apiVersion !== 'v1') return [shown(live), shown(merged)]
  const before = stringMap(record(live).data)
  const after = stringMap(merged.data)
  const hide = (object: AnyKubeObject | undefined, own: string, other: Record<string, string>) => {
    if (object === undefined || !isRecord(object.data)) return object
    const data = Object.entries(stringMap(object.data)).map(([key, value]) => [
      key,
      key in other && other[key] !== value ? `*** (${own})` : '***',
    ])
    return { ...object, data: Object.fromEntries(data) }
  }
  return [shown(hide(live, 'before', after)), shown(hide(merged, 'after', before))]
}

/** As `diff` shows the time of a file. */
function fileTime(nowMs: number): string {
  const [day = '', time = ''] = new Date(nowMs).toISOString().split('T')
  return `${day} ${time.replace('Z', '')}000000 +0000`
}
