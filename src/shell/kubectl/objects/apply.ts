import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  DRY_RUN_FLAG,
  type DryRun,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  fieldValidationOf,
  PRINT_FLAGS,
  SELECTOR_FLAG,
  VALIDATE_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { addSource } from '../print-error.ts'
import { refOf, resolveTargets, type Target, visitEach } from '../targets.ts'
import { isRecord } from '../values.ts'
import { applyServerSide } from './apply-server-side.ts'
import { createObject } from './create-object.ts'
import { LAST_APPLIED, lastAppliedOf, withLastApplied } from './last-applied.ts'
import { type ChangeReporter, createChangeReporter } from './report-change.ts'
import { selectByLabels } from './select-by-labels.ts'
import { createMergePatch, mergeThreeWay } from './three-way.ts'

/** Makes objects what a file says (`kubectl/pkg/cmd/apply`), by three-way merge in the client or on the server. */
export const applyCommand: KubectlCommand = {
  name: 'apply',
  summary: 'Apply a configuration to a resource by file name or stdin',
  usage: 'kubectl apply (-f FILENAME | -k DIRECTORY)',
  words: 'none',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    DRY_RUN_FLAG,
    FIELD_MANAGER_FLAG,
    VALIDATE_FLAG,
    { name: 'all', type: 'bool' },
    { name: 'cascade', type: 'string', alone: 'background' },
    { name: 'force', type: 'bool', refused: 'Delete the object and apply the file again.' },
    { name: 'force-conflicts', type: 'bool' },
    { name: 'grace-period', type: 'int' },
    { name: 'openapi-patch', type: 'bool', default: 'true' },
    { name: 'overwrite', type: 'bool', default: 'true' },
    { name: 'prune', type: 'bool', refused: 'Delete what is no longer wanted by name.' },
    { name: 'prune-allowlist', type: 'array', refused: 'Delete what is no longer wanted by name.' },
    { name: 'server-side', type: 'bool' },
    { name: 'subresource', type: 'string', refused: 'Apply the object itself.' },
    { name: 'timeout', type: 'duration' },
    { name: 'wait', type: 'bool' },
  ],
  run: runApply,
}

interface ApplyRun {
  readonly flags: Flags
  readonly dryRun: DryRun
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  readonly report: ChangeReporter
}

async function runApply(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) {
    throw new KubectlError(
      `Unexpected args: [${positionals.join(' ')}]\nSee 'kubectl apply -h' for help and examples`,
    )
  }
  const serverSide = flags.bool('server-side')
  const dryRun = dryRunOf(flags, context.err)
  if (flags.bool('force-conflicts') && !serverSide) {
    throw new KubectlError('--force-conflicts only works with --server-side')
  }
  if (serverSide && dryRun === 'client') {
    throw new KubectlError(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    )
  }
  if (flags.list('filename').length === 0) throw new KubectlError('must specify one of -f and -k')
  const run: ApplyRun = {
    flags,
    dryRun,
    fieldValidation: fieldValidationOf(flags),
    report: createChangeReporter(context, flags, dryRun),
  }
  const resolved = await resolveTargets(context, {
    args: [],
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    validate: fieldValidationOf(flags) !== 'Ignore',
  })
  const all = resolved.by === 'name' ? resolved.targets : []
  const targets = selectByLabels(all, flags.string('selector'))
  if (targets.length === 0) throw new KubectlError('no objects passed to apply')
  await visitEach(targets, (target) =>
    serverSide ? applyServerSide(context, target, run) : applyOne(context, target, run),
  )
  return 0
}

async function applyOne(context: KubectlContext, target: Target, run: ApplyRun): Promise<void> {
  const { object } = target
  if (object === undefined) return
  if (object.metadata.generateName !== undefined && object.metadata.name === '') {
    throw new KubectlError(
      `from ${object.metadata.generateName}: cannot use generate name with apply`,
    )
  }
  if (target.name === '') {
    throw new KubectlError(
      `error when retrieving current configuration of:\n${resourceText(target)}\nfrom server for: ${JSON.stringify(target.source)}: resource name may not be empty`,
    )
  }
  const ref = refOf(target)
  const live = await context.client
    .find(ref, { signal: context.signal })
    .catch((error: unknown) => {
      throw retrieveError(target, error)
    })
  const wanted = withLastApplied(object)
  if (live === undefined) {
    const created = await createObject(context, wanted, {
      dryRun: run.dryRun,
      fieldManager: run.flags.string('field-manager') || 'kubectl-client-side-apply',
      fieldValidation: run.fieldValidation,
    }).catch((error: unknown) => {
      throw addSource('creating', target.source, error)
    })
    run.report(created, 'created')
    return
  }
  if (lastAppliedOf(live) === undefined) {
    context.err(
      `Warning: resource ${target.kind.plural}/${target.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    )
  }
  const { merged, patch } = mergeForApply(target, wanted, live)
  const own = { apiVersion: object.apiVersion, kind: object.kind }
  if (Object.keys(patch).length === 0) {
    run.report({ ...live, ...own }, 'unchanged')
    return
  }
  if (run.dryRun === 'client') {
    run.report(isRecord(merged) ? { ...live, ...merged, ...own } : live, 'configured')
    return
  }
  const patched = await context.client
    .patch(ref, 'merge', patch, {
      fieldManager: run.flags.string('field-manager') || 'kubectl-client-side-apply',
      fieldValidation: run.fieldValidation,
      dryRun: run.dryRun === 'server',
      onWarning: (text) => context.err(`Warning: ${text}\n`),
      signal: context.signal,
    })
    .catch((error: unknown) => {
      throw applyingError(target, patch, error)
    })
  run.report({ ...patched, ...own }, 'configured')
}

/** What a live object becomes when a file is applied over what was applied last, and the merge patch to there. */
export function mergeForApply(target: Target, wanted: AnyKubeObject, live: AnyKubeObject) {
  const { group } = target.kind
  const merged = mergeThreeWay(lastAppliedOf(live) ?? {}, wanted, live, {
    kind: wanted.kind,
    lists: group.includes('.') && !BUILT_IN.test(group) ? 'replaced' : 'by-key',
  })
  return { merged, patch: createMergePatch(live, merged) }
}

/** Groups of Kubernetes itself, whose Go types carry merge keys. */
const BUILT_IN = /(^|\.)k8s\.io$/

function retrieveError(target: Target, error: unknown): unknown {
  if (!(error instanceof KubeStatusError)) return error
  const message = `error when retrieving current configuration of:\n${resourceText(target)}\nfrom server for: ${JSON.stringify(target.source)}: ${error.status.message ?? ''}`
  return new KubeStatusError({ ...error.status, message })
}

function applyingError(target: Target, patch: unknown, error: unknown): unknown {
  if (!(error instanceof KubeStatusError)) return error
  const message = `error when applying patch:\n${JSON.stringify(patch)}\nto:\n${resourceText(target)}\nfor: ${JSON.stringify(target.source)}: error when patching ${JSON.stringify(target.source)}: ${error.status.message ?? ''}`
  return new KubeStatusError({ ...error.status, message })
}

function resourceText(target: Target): string {
  const { kind } = target
  const apiVersion = `${kind.group}/${kind.version}`
  return `Resource: "${apiVersion}, Resource=${kind.plural}", GroupVersionKind: "${apiVersion}, Kind=${kind.kind}"\nName: "${target.name}", Namespace: "${target.namespace ?? ''}"`
}
