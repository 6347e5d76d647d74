import type { PersistentVolumeClaim } from '../../kube/stored-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { keyOf, splitKey } from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Says why a claim waits: nothing here provides volumes, so every claim does. Models the events of
 * pkg/controller/volume/persistentvolume; a real one repeats them every quarter of a minute.
 */
export function startVolumeClaimController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const claim = objects.get('PersistentVolumeClaim', namespace, name)
    if (claim === undefined || isTerminating(claim) || claim.status?.phase !== 'Pending') return
    const text = reasonOf(claim)
    events.record('persistentvolume-controller', claim, text)
  }

  const reasonOf = (claim: PersistentVolumeClaim) => {
    const wanted = claim.spec?.storageClassName
    if (wanted === undefined || wanted === '') {
      return {
        type: 'Normal' as const,
        reason: 'FailedBinding',
        message: 'no persistent volumes available for this claim and no storage class is set',
      }
    }
    const storage = objects.get('StorageClass', undefined, wanted)
    if (storage === undefined) {
      return {
        type: 'Warning' as const,
        reason: 'ProvisioningFailed',
        message: `storageclass.storage.k8s.io ${JSON.stringify(wanted)} not found`,
      }
    }
    if (storage.volumeBindingMode === 'WaitForFirstConsumer') {
      return {
        type: 'Normal' as const,
        reason: 'WaitForFirstConsumer',
        message: 'waiting for first consumer to be created before binding',
      }
    }
    return {
      type: 'Normal' as const,
      reason: 'ExternalProvisioning',
      message: `Waiting for a volume to be created either by the external provisioner '${storage.provisioner ?? ''}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    }
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    if (change.kind === 'PersistentVolumeClaim' && change.type === 'ADDED') {
      queue.add(keyOf(change.object))
    }
  })
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
