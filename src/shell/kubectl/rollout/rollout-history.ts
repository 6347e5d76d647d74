import type { AnyKubeObject } from '../../../kube/objects.ts'
import { FILE_FLAGS, PRINT_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError, notInLab } from '../kubectl-error.ts'
import { createChangeReporter } from '../objects/report-change.ts'
import { alignTabs } from '../print/tab-writer.ts'
import { readTarget, targetsOf, visitEach } from '../targets.ts'
import { record } from '../values.ts'
import { revisionsOf, templateText } from './deployment-revisions.ts'
import { assertNamed, resolveRollout } from './rollout-targets.ts'

const CHANGE_CAUSE = 'kubernetes.io/change-cause'

/** `kubectl rollout history` (`polymorphichelpers.DeploymentHistoryViewer`). */
export const rolloutHistoryCommand: KubectlCommand = {
  name: 'rollout history',
  summary: 'View rollout history',
  usage: 'kubectl rollout history (TYPE NAME | TYPE/NAME) [flags]',
  words: 'objects',
  flags: [...PRINT_FLAGS, ...FILE_FLAGS, SELECTOR_FLAG, { name: 'revision', type: 'int' }],
  run: runHistory,
}

async function runHistory(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags } = given
  assertNamed(given)
  if (flags.string('output') !== '') {
    throw notInLab('-o of rollout history', 'Use kubectl get replicasets -o yaml instead.')
  }
  const revision = flags.int('revision')
  if (revision < 0) throw new KubectlError(`revision must be a positive integer: ${revision}`)
  const report = createChangeReporter(context, flags, 'none')
  const resolved = await resolveRollout(context, given)
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const { kind } = target.kind
    if (kind === 'DaemonSet' || kind === 'StatefulSet') {
      throw notInLab(
        `rollout history of a ${kind}`,
        'Use kubectl get controllerrevisions -o yaml instead.',
      )
    }
    if (kind !== 'Deployment') {
      const shown = target.kind.group === '' ? `{ ${kind}}` : `{${target.kind.group} ${kind}}`
      throw new KubectlError(
        `error retrieving history for ${JSON.stringify(kind)}, no visitor method exists for ${shown}`,
      )
    }
    const deployment = await readTarget(context, target)
    const history = await historyOf(context, deployment, revision)
    report(deployment, revision > 0 ? `with revision #${revision}\n${history}` : `\n${history}`)
  })
  return 0
}

async function historyOf(
  context: KubectlContext,
  deployment: AnyKubeObject,
  revision: number,
): Promise<string> {
  const revisions = await revisionsOf(context, deployment)
  if (revisions.size === 0) return 'No rollout history found.'
  if (revision > 0) {
    const set = revisions.get(revision)
    if (set === undefined) throw new KubectlError('unable to find the specified revision')
    return templateText(record(set.spec).template)
  }
  const rows = [...revisions].map(
    ([number, set]) => `${number}\t${set.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>'}\n`,
  )
  return alignTabs(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, { minimum: 0, padding: 2 })
}
