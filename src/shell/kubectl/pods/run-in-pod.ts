import { KubeStatusError } from '../../../kube/client.ts'
import { kindOf } from '../../../kube/kinds.ts'
import type { AnyKubeObject, Pod } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { objectName } from '../print/object-printer.ts'
import { refOf } from '../targets.ts'
import { attachTo } from './attach.ts'
import { waitForEndedPod, waitForRunningPod } from './pod-waiting.ts'
import { containerOf, type SessionOptions } from './remote-session.ts'

export interface RunInPodRequest {
  readonly namespace: string
  readonly name: string
  /** Everything that this command created, for `--rm`. */
  readonly created: readonly AnyKubeObject[]
  readonly session: SessionOptions
  readonly remove: boolean
  readonly leaveStdinOpen: boolean
  readonly timeoutMs: number
}

/**
 * The attached half of `kubectl run`: waits until the pod runs, attaches or falls back to its log, waits for its end
 * and gives back its exit code. With `remove` the pod is deleted whatever happens, an abort included.
 */
export async function runInPod(context: KubectlContext, request: RunInPodRequest): Promise<number> {
  try {
    return await attachAndWait(context, request)
  } finally {
    if (request.remove) await removeCreated(context, request)
  }
}

async function attachAndWait(context: KubectlContext, request: RunInPodRequest): Promise<number> {
  const { namespace, name, session, timeoutMs } = request
  const running = await waitForRunningPod(context, namespace, name, timeoutMs)
  const container = containerOf(context, running, '', session)
  const phase = running.status?.phase
  const printLog = () =>
    context.client.logs(
      { namespace, pod: name, container: container.name },
      { signal: context.signal },
      context.out,
    )
  if (phase === 'Succeeded' || phase === 'Failed') await printLog()
  else {
    try {
      await attachTo(context, running, container, session)
    } catch (error) {
      if (!(error instanceof KubectlError || error instanceof KubeStatusError)) throw error
      context.err(
        `warning: couldn't attach to pod/${name}, falling back to streaming logs: ${error.message}\n`,
      )
      await printLog()
    }
  }
  const restart = running.spec.restartPolicy
  if (request.leaveStdinOpen || restart === 'Always') return 0
  const ended = await waitForEndedPod(context, namespace, name, {
    timeoutMs,
    successOnly: restart === 'OnFailure',
  })
  return exitCodeOf(ended)
}

/** @throws KubectlError for a pod that failed: with the exit code of its container */
function exitCodeOf(pod: Pod): number {
  if (pod.status?.phase === 'Succeeded') return 0
  const { name, namespace } = pod.metadata
  const terminated = pod.status?.containerStatuses?.[0]?.state?.terminated
  if (terminated === undefined || terminated.exitCode === 0) {
    throw new KubectlError(`pod ${namespace}/${name} failed with unknown exit code`)
  }
  throw new KubectlError(`pod ${namespace}/${name} terminated (${terminated.reason ?? ''})\n`, {
    plain: true,
    exitCode: terminated.exitCode,
  })
}

async function removeCreated(context: KubectlContext, request: RunInPodRequest): Promise<void> {
  for (const object of request.created) {
    const kind = kindOf(object)
    if (kind === undefined) continue
    const namespace = object.metadata.namespace ?? context.namespace
    try {
      // Without the command's signal: a closed console must not leave the pod behind.
      await context.client.delete(refOf({ kind, namespace, name: object.metadata.name }), {
        propagationPolicy: 'Background',
      })
    } catch (error) {
      if (error instanceof KubeStatusError && error.code === 404) continue
      throw error
    }
    if (!request.session.quiet) {
      const [kindName = ''] = objectName(object).split('/')
      context.out(`${kindName} "${object.metadata.name}" deleted\n`)
    }
  }
}
