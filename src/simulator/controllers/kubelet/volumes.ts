import type { Container, OptionalReference, Pod, ResourceFieldRef } from '../../../kube/objects.ts'
import { serviceAccountToken, TOKEN_ISSUER } from '../../../kube/service-account-token.ts'
import type { ClusterObjects, MountedFolder } from '../../ports.ts'
import { ContainerConfigError, objectData } from './container-environment.ts'
import { podField, resourceField } from './downward.ts'

/** What volumes are filled from. */
export interface VolumeSources {
  readonly objects: Pick<ClusterObjects, 'get'>
  readonly nodeIP: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly randomBytes: (length: number) => Uint8Array
}

interface KeyToPath {
  readonly key: string
  readonly path: string
}
interface DownwardItem {
  readonly path: string
  readonly fieldRef?: { readonly fieldPath: string }
  readonly resourceFieldRef?: ResourceFieldRef
}
type Source = {
  readonly configMap?: OptionalReference & { readonly items?: readonly KeyToPath[] }
  readonly secret?: OptionalReference & {
    readonly secretName?: string
    readonly items?: readonly KeyToPath[]
  }
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] }
  readonly serviceAccountToken?: {
    readonly path: string
    readonly audience?: string
    readonly expirationSeconds?: number
  }
}
export type Volume = Source & {
  readonly name: string
  readonly emptyDir?: object
  readonly projected?: { readonly sources?: readonly Source[] }
}

type Files = Map<string, () => string>

/** The volumes of a pod. */
export function volumesOf(pod: Pod): readonly Volume[] {
  const given = pod.spec.volumes
  return Array.isArray(given) ? given : []
}

/** Why the volumes of a pod cannot be set up, as the kubelet says it; `undefined` where they can. */
export function mountProblem(pod: Pod, sources: VolumeSources): string | undefined {
  for (const volume of volumesOf(pod)) {
    try {
      filesOf(volume, pod, sources)
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error
      return `MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`
    }
  }
  return undefined
}

/**
 * Volumes that the containers of a pod get an empty folder for, each with why: a kind that is not simulated, or an `emptyDir` that
 * several containers should share.
 */
export function notSimulated(pod: Pod): readonly string[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  return volumesOf(pod).flatMap((volume) => {
    const users = containers.filter((container) =>
      container.volumeMounts?.some((mount) => mount.name === volume.name),
    )
    if (users.length === 0) return []
    const kind = Object.keys(volume).find((field) => field !== 'name') ?? ''
    if (volume.emptyDir !== undefined) {
      return users.length > 1
        ? [
            `Volume "${volume.name}" is shared by containers, which is not simulated: each gets an empty folder of its own`,
          ]
        : []
    }
    if (FILLED.has(kind)) return []
    return [
      `Volumes of type ${kind} are not simulated: containers get an empty folder for "${volume.name}"`,
    ]
  })
}

const FILLED: ReadonlySet<string> = new Set(['configMap', 'secret', 'downwardAPI', 'projected'])

/** What a container finds at the paths of its mounts. Those of config maps and secrets follow their objects, but for a `subPath`. */
export function mountsOf(
  container: Container,
  pod: Pod,
  sources: VolumeSources,
): readonly MountedFolder[] {
  const volumes = new Map(volumesOf(pod).map((volume) => [volume.name, volume]))
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath }) => {
    const volume = volumes.get(name)
    if (volume === undefined) return []
    const path = mountPath.replace(/\/+$/, '')
    const files = filesOf(volume, pod, sources)
    if (subPath === undefined || subPath === '') return [{ path, files }]
    const one = files.get(subPath)
    if (one !== undefined) {
      const text = one()
      return [{ path, files: new Map([['', () => text]]) }]
    }
    const below = [...files].filter(([file]) => file.startsWith(`${subPath}/`))
    return [{ path, files: new Map(below.map(([f, read]) => [f.slice(subPath.length + 1), read])) }]
  })
}

/** Models the `collectData` of pkg/volume/projected and its kin. */
function filesOf(volume: Volume, pod: Pod, sources: VolumeSources): Files {
  const files: Files = new Map()
  for (const source of volume.projected?.sources ?? [volume]) addFiles(files, source, pod, sources)
  return files
}

function addFiles(files: Files, source: Source, pod: Pod, sources: VolumeSources): void {
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = source
  if (configMap !== undefined) {
    // A cluster that nobody serves has no certificate authority.
    const optional = configMap.optional === true || configMap.name === 'kube-root-ca.crt'
    addObject(files, 'ConfigMap', { ...configMap, optional }, pod, sources)
  }
  if (secret !== undefined) {
    const name = secret.secretName ?? secret.name ?? ''
    addObject(files, 'Secret', { ...secret, name }, pod, sources)
  }
  for (const item of downwardAPI?.items ?? []) {
    files.set(item.path, downwardText(item, pod, sources))
  }
  if (token !== undefined) {
    files.set(token.path, accountToken(token, pod, sources))
  }
}

function addObject(
  files: Files,
  kind: 'ConfigMap' | 'Secret',
  reference: OptionalReference & { readonly items?: readonly KeyToPath[] },
  pod: Pod,
  { objects }: VolumeSources,
): void {
  const namespace = pod.metadata.namespace ?? 'default'
  const data = objectData(kind, namespace, reference, objects)
  if (data === undefined) return
  const items = reference.items ?? Object.keys(data).map((key) => ({ key, path: key }))
  for (const { key, path } of items) {
    let text = data[key]
    if (text === undefined) {
      if (reference.optional === true) continue
      const what = kind === 'Secret' ? 'secret key' : 'config key'
      throw new ContainerConfigError(
        `${kind.toLowerCase()} references non-existent ${what}: ${key}`,
      )
    }
    files.set(path, () => {
      // What was there last stays where the object or the key is gone.
      text = objectData(kind, namespace, { ...reference, optional: true }, objects)?.[key] ?? text
      return text ?? ''
    })
  }
}

// What is read later keeps names alone: a pod that a closure holds is a copy in memory for as long as its container runs.

function downwardText(item: DownwardItem, pod: Pod, sources: VolumeSources): () => string {
  const { namespace, name } = pod.metadata
  return () => textNow(item, sources.objects.get('Pod', namespace, name), sources)
}

function textNow(item: DownwardItem, pod: Pod | undefined, sources: VolumeSources): string {
  if (pod === undefined) return ''
  if (item.fieldRef !== undefined) return podField(pod, item.fieldRef.fieldPath, sources.nodeIP)
  const { resourceFieldRef: resource } = item
  const container = pod.spec.containers.find((other) => other.name === resource?.containerName)
  if (resource === undefined || container === undefined) return ''
  const node = sources.objects.get('Node', undefined, pod.spec.nodeName ?? '')
  return resourceField(container, resource, node?.status?.allocatable ?? {})
}

function accountToken(
  token: NonNullable<Source['serviceAccountToken']>,
  pod: Pod,
  sources: VolumeSources,
): () => string {
  const { namespace = 'default', name: podName, uid: podUid } = pod.metadata
  const name = pod.spec.serviceAccountName ?? 'default'
  const { audience = '', expirationSeconds: lifetime = 3607 } = token
  return once(() =>
    serviceAccountToken({
      namespace,
      name,
      uid: sources.objects.get('ServiceAccount', namespace, name)?.metadata.uid,
      audiences: [audience === '' ? TOKEN_ISSUER : audience],
      issuedAt: Math.floor(sources.now() / 1000),
      lifetime,
      signature: sources.randomBytes(256),
      pod: { name: podName, uid: podUid },
    }),
  )
}

function once(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}
