import type { Clock } from '../../base/clock.ts'
import type { KubeEvent, KubeObject } from '../../kube/objects.ts'
import type { ClusterObjects } from '../ports.ts'

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** `spec.containers{web}`. */
  readonly fieldPath?: string
}

/** Writes events about objects, as client-go's recorder does: the same event again raises its count. */
export interface EventRecorder {
  record(component: string, about: KubeObject, text: EventText): void
}

/** An API server forgets events after an hour. */
const LIFETIME_MS = 3_600_000
const EVENT_LIMIT = 1000
/** How often it is looked which events are that old. */
const FORGET_MS = 60_000

export function createEventRecorder(options: {
  readonly objects: ClusterObjects
  readonly clock: Clock
  readonly nodeName: string
}): EventRecorder {
  const { objects, clock, nodeName } = options
  let counter = 0n
  let looked = 0

  const forget = (now: number) => {
    const all = objects.list('Event')
    const spare = Math.max(0, all.length - EVENT_LIMIT)
    const drop = (event: KubeEvent) =>
      objects.delete('Event', event.metadata.namespace, event.metadata.name)
    for (const event of all.slice(0, spare)) drop(event)
    if (now - looked < FORGET_MS) return
    looked = now
    for (const event of all.slice(spare)) {
      if (now - Date.parse(event.lastTimestamp ?? '') > LIFETIME_MS) drop(event)
    }
  }

  return {
    record(component, about, text) {
      const namespace = about.metadata.namespace ?? 'default'
      const home = objects.get('Namespace', undefined, namespace)
      // Nothing can be created in a namespace that is going away.
      if (home === undefined || home.metadata.deletionTimestamp !== undefined) return
      const now = clock.now()
      const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
      const same = objects
        .list('Event', namespace)
        .find(
          (event) =>
            event.involvedObject.uid === about.metadata.uid &&
            event.involvedObject.fieldPath === text.fieldPath &&
            event.reason === text.reason &&
            event.message === text.message &&
            event.type === text.type,
        )
      if (same !== undefined) {
        objects.update('Event', { ...same, count: (same.count ?? 1) + 1, lastTimestamp: time })
        return
      }
      forget(now)
      counter += 1n
      const stamp = (BigInt(Math.trunc(now)) * 1_000_000n + (counter % 1_000_000n)).toString(16)
      const { apiVersion, kind, metadata } = about
      const event: KubeEvent = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${metadata.name}.${stamp}`, namespace },
        involvedObject: {
          kind,
          namespace,
          name: metadata.name,
          ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
          apiVersion,
          ...(metadata.resourceVersion === undefined
            ? {}
            : { resourceVersion: metadata.resourceVersion }),
          ...(text.fieldPath === undefined ? {} : { fieldPath: text.fieldPath }),
        },
        reason: text.reason,
        message: text.message,
        source: { component, ...(component === 'kubelet' ? { host: nodeName } : {}) },
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type: text.type,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: component === 'kubelet' ? nodeName : '',
      }
      objects.create('Event', event)
    },
  }
}
