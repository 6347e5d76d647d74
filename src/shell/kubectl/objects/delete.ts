import { KubeStatusError } from '../../../kube/client.ts'
import { groupKind, resourcePath } from '../../../kube/kinds.ts'
import {
  ALL_NAMESPACES_FLAG,
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_SELECTOR_FLAG,
  FILE_FLAGS,
  SELECTOR_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { waitForObject } from '../pods/pod-waiting.ts'
import { addSource } from '../print-error.ts'
import { refOf, resolveTargets, type Target, targetsOf, visitEach } from '../targets.ts'
import { isRecord, record, text } from '../values.ts'
import { dryRunSuffix } from './report-change.ts'

/** Deletes objects and waits until they are gone (`kubectl/pkg/cmd/delete`). */
export const deleteCommand: KubectlCommand = {
  name: 'delete',
  summary:
    'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: 'kubectl delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  words: 'objects',
  flags: [
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    DRY_RUN_FLAG,
    { name: 'all', type: 'bool' },
    {
      name: 'cascade',
      type: 'string',
      default: 'background',
      alone: 'background',
      values: ['background', 'foreground', 'orphan'],
    },
    { name: 'force', type: 'bool' },
    { name: 'grace-period', type: 'int', default: '-1' },
    { name: 'ignore-not-found', type: 'bool' },
    {
      name: 'interactive',
      short: 'i',
      type: 'bool',
      refused: 'Look with kubectl get first, then delete.',
    },
    { name: 'now', type: 'bool' },
    { name: 'output', short: 'o', type: 'string', values: ['name'] },
    { name: 'raw', type: 'string', refused: 'Name the object instead.' },
    { name: 'timeout', type: 'duration' },
    { name: 'wait', type: 'bool', default: 'true' },
  ],
  run: runDelete,
}

const A_WEEK_MS = 168 * 3_600_000

async function runDelete(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const ignoreNotFound = flags.bool('ignore-not-found') || flags.bool('all')
  const grace = graceOf(flags)
  const resolved = await resolveTargets(context, {
    args: positionals,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
  })
  const output = flags.string('output')
  if (output !== '' && output !== 'name') {
    throw new KubectlError(`unexpected -o output mode: ${output}. We only support '-o name'`)
  }
  if (flags.bool('force') && grace === 0) {
    context.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    )
  }
  if (flags.bool('force') && grace > 0) {
    throw new KubectlError('--force and --grace-period greater than 0 cannot be specified together')
  }
  const dryRun = dryRunOf(flags, context.err)
  const targets = await targetsOf(context, resolved)
  if (context.enforceNamespace || flags.bool('all-namespaces')) warnClusterScope(context, targets)
  let found = 0
  const deleted: { readonly target: Target; readonly uid: string }[] = []
  await visitEach(targets, async (target) => {
    found += 1
    const label = groupKind(target.kind)
    if (dryRun !== 'client') {
      const uid = await sendDelete(context, target, {
        grace,
        policy: propagationOf(flags.string('cascade')),
        dryRun: dryRun === 'server',
        ignoreNotFound,
      })
      if (uid === undefined) return
      deleted.push({ target, uid })
    }
    const operation = (grace === 0 ? 'force deleted' : 'deleted') + dryRunSuffix(dryRun)
    context.out(
      output === 'name' ? `${label}/${target.name}\n` : `${label} "${target.name}" ${operation}\n`,
    )
  })
  if (found === 0) {
    context.out('No resources found\n')
    return 0
  }
  if (
    flags.bool('wait') &&
    !(grace === 0 && flags.bool('force') && !flags.has('wait')) &&
    dryRun === 'none'
  ) {
    await waitUntilGone(context, deleted, flags.duration('timeout') || A_WEEK_MS)
  }
  return 0
}

/** Deletes what is there of some objects, says so, and waits until it is gone (for `replace --force`). */
export async function deleteTargets(
  context: KubectlContext,
  targets: readonly Target[],
  options: { readonly graceSeconds: number; readonly timeoutMs: number },
): Promise<void> {
  const deleted: { readonly target: Target; readonly uid: string }[] = []
  await visitEach(targets, async (target) => {
    const grace = options.graceSeconds
    const uid = await sendDelete(context, target, {
      grace,
      policy: 'Background',
      dryRun: false,
      ignoreNotFound: true,
    })
    if (uid === undefined) return
    deleted.push({ target, uid })
    const operation = grace === 0 ? 'force deleted' : 'deleted'
    context.out(`${groupKind(target.kind)} "${target.name}" ${operation}\n`)
  })
  await waitUntilGone(context, deleted, options.timeoutMs || A_WEEK_MS)
}

/** `--grace-period`, `--now` and `--force` as one number; `-1` leaves it to the object. */
function graceOf(flags: Flags): number {
  const grace = flags.int('grace-period')
  if (flags.bool('now')) {
    if (grace !== -1)
      throw new KubectlError('--now and --grace-period cannot be specified together')
    return 1
  }
  if (grace === 0 && !flags.bool('force')) return 1
  return flags.bool('force') && grace < 0 ? 0 : grace
}

function propagationOf(cascade: string): string {
  switch (cascade) {
    case 'background':
    case 'true':
      return 'Background'
    case 'orphan':
    case 'false':
      return 'Orphan'
    case 'foreground':
      return 'Foreground'
    default:
      throw new KubectlError(
        `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`,
      )
  }
}

function warnClusterScope(context: KubectlContext, targets: readonly Target[]): void {
  if (targets.some((target) => !target.kind.namespaced)) {
    context.err(
      'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n',
    )
  }
}

/** Gives the uid of what goes, or `undefined` where it was not there and that is fine. */
async function sendDelete(
  context: KubectlContext,
  target: Target,
  options: {
    readonly grace: number
    readonly policy: string
    readonly dryRun: boolean
    readonly ignoreNotFound: boolean
  },
): Promise<string | undefined> {
  const response = await context.client.request({
    method: 'DELETE',
    path: resourcePath(refOf(target)),
    query: { dryRun: options.dryRun ? 'All' : undefined },
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: options.policy,
      ...(options.grace < 0 ? {} : { gracePeriodSeconds: options.grace }),
    },
    signal: context.signal,
  })
  for (const warning of response.warnings) context.err(`Warning: ${warning}\n`)
  const body = record(response.body)
  if (response.status >= 400) {
    if (response.status === 404 && options.ignoreNotFound) return undefined
    throw addSource('deleting', target.source, statusError(response.status, response.body))
  }
  const owner = isRecord(body.details) ? body.details : record(body.metadata)
  return text(owner.uid)
}

/** The error of a response of `KubeClient.request`. */
export function statusError(code: number, body: unknown): KubeStatusError {
  const status = record(body)
  const message = text(status.message) || `the server answered with code ${code}`
  const reason = text(status.reason)
  const details = isRecord(status.details) ? status.details : undefined
  return new KubeStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
  })
}

async function waitUntilGone(
  context: KubectlContext,
  deleted: readonly { readonly target: Target; readonly uid: string }[],
  timeoutMs: number,
): Promise<void> {
  for (const { target, uid } of deleted) {
    const wait = { timeoutMs, signal: context.signal }
    await waitForObject(context, target, wait, (object) =>
      object === undefined || (uid !== '' && object.metadata.uid !== uid) ? 'gone' : undefined,
    )
  }
}
