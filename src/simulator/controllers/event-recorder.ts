import type { Clock } from '../../base/clock.ts'
import type { KubeEvent, KubeObject } from '../../kube/objects.ts'
import type { ClusterObjects } from '../ports.ts'
import type { Controller } from './controller.ts'

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** `spec.containers{web}`. */
  readonly fieldPath?: string
}

/**
 * Writes events about objects, as client-go's recorder does: the same event again raises its count, and many that are alike become one. Models
 * client-go tools/record/events_cache.go.
 */
export interface EventRecorder {
  record(component: string, about: KubeObject, text: EventText): void
}

/** Which program a component that reports events is a part of; the controller manager holds all others. */
const PROGRAMS: Readonly<Record<string, string>> = {
  kubelet: 'kubelet',
  'default-scheduler': 'kube-scheduler',
  'metallb-controller': 'controller',
}

/** Events about one object that differ in their words alone are combined from so many on, while they follow each other this closely. */
const COMBINED_FROM = 10
const COMBINED_WITHIN_MS = 600_000
const COMBINED = '(combined from similar events): '

/** An API server forgets events after an hour. */
const LIFETIME_MS = 3_600_000
const EVENT_LIMIT = 1000
/** How often it is looked which events are that old. */
const FORGET_MS = 60_000

export function createEventRecorder(options: {
  readonly objects: ClusterObjects
  readonly clock: Clock
  readonly nodeName: string
}): EventRecorder & Controller {
  const { objects, clock, nodeName } = options
  const known = new KnownEvents(objects.list('Event'))
  const close = objects.onChange(({ kind, type, object }) => {
    if (kind !== 'Event') return
    const { namespace, name } = object.metadata
    const event = type === 'DELETED' ? undefined : objects.get('Event', namespace, name)
    if (event === undefined) known.remove(object)
    else known.put(event)
  })
  const writers = new Map<string, ClusterObjects>()
  const writerOf = (component: string) => {
    let writer = writers.get(component)
    if (writer === undefined) {
      writer = objects.as(PROGRAMS[component] ?? 'kube-controller-manager')
      writers.set(component, writer)
    }
    return writer
  }
  let counter = 0n
  let looked = 0

  const forget = (now: number) => {
    const drop = (event: KubeEvent) =>
      objects.delete('Event', event.metadata.namespace, event.metadata.name)
    for (const event of known.oldest(known.size - EVENT_LIMIT)) drop(event)
    if (now - looked < FORGET_MS) return
    looked = now
    for (const event of known.oldest(known.size)) {
      if (now - lastTimeOf(event) > LIFETIME_MS) drop(event)
    }
  }

  return {
    close,
    record(component, about, given) {
      const namespace = about.metadata.namespace ?? 'default'
      const home = objects.get('Namespace', undefined, namespace)
      // Nothing can be created in a namespace that is going away.
      if (home === undefined || home.metadata.deletionTimestamp !== undefined) return
      const now = clock.now()
      const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
      const uid = about.metadata.uid
      const twin = known.twinOf(namespace, uid, given)
      // The scheduler's recorder is another one, which combines nothing.
      const isCombined =
        twin === undefined &&
        component !== 'default-scheduler' &&
        known.similar(namespace, uid, given, now - COMBINED_WITHIN_MS) >= COMBINED_FROM - 1
      const text = isCombined ? { ...given, message: `${COMBINED}${given.message}` } : given
      const same = isCombined ? known.combined(namespace, uid, given) : twin
      if (same !== undefined) {
        writerOf(component).update('Event', {
          ...same,
          message: text.message,
          count: (same.count ?? 1) + 1,
          lastTimestamp: time,
        })
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
      writerOf(component).create('Event', event)
    },
  }
}

/** The stored events, the ones that happened last at the end, found by what they say. */
class KnownEvents {
  private readonly events = new Map<string, KubeEvent>()
  /** Keys of events by what they say. */
  private readonly twins = new Map<string, string>()
  /** How many there are that differ in their words alone. */
  private readonly groups = new Map<string, number>()

  constructor(stored: readonly KubeEvent[]) {
    for (const event of [...stored].sort((a, b) => lastTimeOf(a) - lastTimeOf(b))) this.put(event)
  }

  get size(): number {
    return this.events.size
  }

  oldest(count: number): readonly KubeEvent[] {
    const found: KubeEvent[] = []
    for (const event of this.events.values()) {
      if (found.length >= count) break
      found.push(event)
    }
    return found
  }

  put(event: KubeEvent): void {
    this.remove(event)
    const key = keyOf(event)
    this.events.set(key, event)
    this.twins.set(wordsOf(event), key)
    const group = groupOf(event)
    this.groups.set(group, (this.groups.get(group) ?? 0) + 1)
  }

  remove({ metadata }: { readonly metadata: KubeEvent['metadata'] }): void {
    const key = keyOf({ metadata })
    const before = this.events.get(key)
    if (before === undefined) return
    this.events.delete(key)
    const words = wordsOf(before)
    if (this.twins.get(words) === key) this.twins.delete(words)
    const group = groupOf(before)
    const left = (this.groups.get(group) ?? 0) - 1
    if (left > 0) this.groups.set(group, left)
    else this.groups.delete(group)
  }

  /** How many events about an object differ in their words alone, where the last of them is no older than that. */
  similar(namespace: string, uid: string | undefined, text: EventText, since: number): number {
    const group = textKey(namespace, uid, text.reason, text.type)
    const count = this.groups.get(group) ?? 0
    if (count < COMBINED_FROM - 1) return count
    const last = Math.max(...this.inGroup(group).map(lastTimeOf))
    return last < since ? 0 : count
  }

  /** The event that others were combined in. */
  combined(namespace: string, uid: string | undefined, text: EventText): KubeEvent | undefined {
    const group = textKey(namespace, uid, text.reason, text.type)
    return this.inGroup(group).find((event) => event.message?.startsWith(COMBINED) === true)
  }

  private inGroup(group: string): readonly KubeEvent[] {
    return [...this.events.values()].filter((event) => groupOf(event) === group)
  }

  twinOf(namespace: string, uid: string | undefined, text: EventText): KubeEvent | undefined {
    const key = this.twins.get(
      textKey(namespace, uid, text.fieldPath, text.reason, text.message, text.type),
    )
    return key === undefined ? undefined : this.events.get(key)
  }
}

function keyOf({ metadata }: { readonly metadata: KubeEvent['metadata'] }): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function wordsOf({ metadata, involvedObject, reason, message, type }: KubeEvent): string {
  // A client may have written `null` there.
  const { uid, fieldPath } = involvedObject ?? {}
  return textKey(metadata.namespace, uid, fieldPath, reason, message, type)
}

function groupOf({ metadata, involvedObject, reason, type }: KubeEvent): string {
  return textKey(metadata.namespace, involvedObject?.uid, reason, type)
}

function textKey(...words: readonly (string | undefined)[]): string {
  return JSON.stringify(words)
}

/** When an event happened last, in milliseconds; clients of events.k8s.io give other fields than the recorder does. */
function lastTimeOf({ lastTimestamp, eventTime, metadata }: KubeEvent): number {
  const time = Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '')
  return Number.isNaN(time) ? 0 : time
}
