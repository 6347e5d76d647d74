import type { AnyKubeObject } from '../../../kube/objects.ts'

/** Fields of events.k8s.io/v1 and what core/v1 calls them: k8s.io/kubernetes pkg/apis/events/v1 conversion.go. */
const NAMES = {
  deprecatedCount: 'count',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedSource: 'source',
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
} as const

/** A stored event as events.k8s.io/v1 shows it. */
export function eventFromCore(object: AnyKubeObject): AnyKubeObject {
  const core = new Map<string, string>(Object.entries(NAMES).map(([own, name]) => [name, own]))
  return { ...renamed(object, core), apiVersion: 'events.k8s.io/v1' }
}

/** An event of events.k8s.io/v1 as it is stored. */
export function eventToCore(object: AnyKubeObject): AnyKubeObject {
  return { ...renamed(object, new Map<string, string>(Object.entries(NAMES))), apiVersion: 'v1' }
}

function renamed(object: AnyKubeObject, names: ReadonlyMap<string, string>): AnyKubeObject {
  const { apiVersion, kind, metadata, ...content } = object
  const entries = Object.entries(content).map(([name, value]) => [names.get(name) ?? name, value])
  return { apiVersion, kind, metadata, ...Object.fromEntries(entries) }
}
