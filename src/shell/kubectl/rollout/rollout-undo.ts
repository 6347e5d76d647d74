import type { AnyKubeObject } from '../../../kube/objects.ts'
import { DRY_RUN_FLAG, dryRunOf, FILE_FLAGS, PRINT_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError, notInLab } from '../kubectl-error.ts'
import { createChangeReporter } from '../objects/report-change.ts'
import { sameJson } from '../objects/three-way.ts'
import { readTarget, refOf, targetsOf, visitEach } from '../targets.ts'
import { record, stringMap } from '../values.ts'
import { REVISION, revisionsOf, templateText } from './deployment-revisions.ts'
import { assertNamed, resolveRollout } from './rollout-targets.ts'

/** `kubectl rollout undo` (`polymorphichelpers.DeploymentRollbacker`). */
export const rolloutUndoCommand: KubectlCommand = {
  name: 'rollout undo',
  summary: 'Undo a previous rollout',
  usage: 'kubectl rollout undo (TYPE NAME | TYPE/NAME) [flags]',
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    DRY_RUN_FLAG,
    { name: 'to-revision', type: 'int' },
  ],
  run: runUndo,
}

async function runUndo(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags } = given
  assertNamed(given)
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const wanted = flags.int('to-revision')
  const resolved = await resolveRollout(context, given)
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const { kind } = target.kind
    if (kind === 'DaemonSet' || kind === 'StatefulSet') {
      throw notInLab(`rollout undo of a ${kind}`, 'Apply the file of the earlier version again.')
    }
    if (kind !== 'Deployment') {
      throw new KubectlError(`no rollbacker has been implemented for ${JSON.stringify(kind)}`)
    }
    const deployment = await readTarget(context, target)
    const set = await revisionToGoTo(context, deployment, wanted)
    const template = record(set.spec).template
    if (dryRun === 'client') {
      report(deployment, templateText(template))
      return
    }
    const spec = record(deployment.spec)
    if (spec.paused === true) {
      throw new KubectlError(
        "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
      )
    }
    const bare = withoutHash(template)
    if (sameJson(bare, withoutHash(spec.template))) {
      report(deployment, `skipped rollback (current template already matches revision ${wanted})`)
      return
    }
    const patched = await context.client.patch(
      refOf(target),
      'json',
      [
        { op: 'replace', path: '/spec/template', value: bare },
        { op: 'replace', path: '/metadata/annotations', value: annotationsAfter(deployment, set) },
      ],
      { fieldManager: 'kubectl-rollout', dryRun: dryRun === 'server', signal: context.signal },
    )
    report({ ...patched, apiVersion: deployment.apiVersion, kind }, 'rolled back')
  })
  return 0
}

/** The replica set of a revision; of the one before the last where it is 0. @throws KubectlError */
async function revisionToGoTo(
  context: KubectlContext,
  deployment: AnyKubeObject,
  wanted: number,
): Promise<AnyKubeObject> {
  const revisions = await revisionsOf(context, deployment)
  if (wanted !== 0) {
    const found = revisions.get(wanted)
    if (found !== undefined) return found
    throw new KubectlError(`unable to find specified revision ${wanted} in history`)
  }
  const previous = [...revisions.values()].at(-2)
  if (previous !== undefined) return previous
  throw new KubectlError(
    `no rollout history found for deployment ${JSON.stringify(deployment.metadata.name)}`,
  )
}

/** A replica set's template carries the hash that tells its pods apart; a deployment's does not. */
function withoutHash(template: unknown): Record<string, unknown> {
  const whole = record(template)
  const metadata = record(whole.metadata)
  const { 'pod-template-hash': _hash, ...labels } = stringMap(metadata.labels)
  return { ...whole, metadata: { ...metadata, labels } }
}

/** Annotations that belong to the deployment and do not go back with its template. */
const KEPT: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

function annotationsAfter(deployment: AnyKubeObject, set: AnyKubeObject): Record<string, string> {
  const pick = (from: AnyKubeObject, kept: boolean) =>
    Object.entries(from.metadata.annotations ?? {}).filter(([key]) => KEPT.includes(key) === kept)
  return Object.fromEntries([...pick(deployment, true), ...pick(set, false)])
}
