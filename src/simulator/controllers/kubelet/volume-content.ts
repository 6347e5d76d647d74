import type { KubeObject, OptionalReference, Pod, ResourceFieldRef } from '../../../kube/objects.ts'
import type {
  AccountTokenRequest,
  ClusterObjects,
  ObjectsByKind,
  VolumeContent,
  VolumeFile,
} from '../../ports.ts'
import { ContainerConfigError } from './container-environment.ts'
import { podField, resourceField } from './downward.ts'

/** What volumes are filled from. */
export interface VolumeSources {
  readonly objects: Pick<ClusterObjects, 'get'>
  readonly nodeIP: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly accountToken: (request: AccountTokenRequest) => string
}

interface KeyToPath {
  readonly key: string
  readonly path: string
  readonly mode?: number
}
interface DownwardItem {
  readonly path: string
  readonly mode?: number
  readonly fieldRef?: { readonly fieldPath: string }
  readonly resourceFieldRef?: ResourceFieldRef
}
type ObjectSource = OptionalReference & {
  readonly secretName?: string
  readonly items?: readonly KeyToPath[]
  readonly defaultMode?: number
}
interface Source {
  readonly configMap?: ObjectSource
  readonly secret?: ObjectSource
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[]; readonly defaultMode?: number }
  readonly serviceAccountToken?: {
    readonly path: string
    readonly audience?: string
    readonly expirationSeconds?: number
  }
}
/** A volume of a pod whose files the kubelet writes. */
export type FilledVolume = Source & {
  readonly name: string
  readonly projected?: { readonly sources?: readonly Source[]; readonly defaultMode?: number }
}

const DEFAULT_MODE = 0o644

type Data = ObjectsByKind['ConfigMap'] | ObjectsByKind['Secret']

/**
 * The files of a volume of the types `configMap`, `secret`, `downwardAPI` and `projected`. They follow their objects; what was there last
 * stays where an object is gone. Models MakePayload and collectData of pkg/volume/{configmap,secret,downwardapi,projected}.
 */
export class FilledContent implements VolumeContent {
  private readonly volume: FilledVolume
  private readonly sources: VolumeSources
  // Names alone: a pod that is held here is a copy in memory for as long as it runs.
  private readonly namespace: string
  private readonly podName: string
  /** The objects as they were read last, and of the pod its version where it is looked at. */
  private seen: readonly (KubeObject | string | undefined)[]
  private fresh = false
  private token: { readonly text: string; readonly renewAtMs: number } | undefined

  /** @throws ContainerConfigError where something is missing that has to be there */
  constructor(volume: FilledVolume, pod: Pod, sources: VolumeSources) {
    this.volume = volume
    this.sources = sources
    this.namespace = pod.metadata.namespace ?? 'default'
    this.podName = pod.metadata.name
    this.seen = this.look()
    this.check()
  }

  next(): ReadonlyMap<string, VolumeFile> | undefined {
    const seen = this.look()
    const late = this.token !== undefined && this.sources.now() >= this.token.renewAtMs
    if (this.fresh && !late && seen.every((object, index) => object === this.seen[index])) {
      return undefined
    }
    const before = this.seen
    // An object that was deleted leaves its files behind.
    this.seen = seen.map(
      (object, index) => object ?? (this.isOptional(index) ? object : before[index]),
    )
    try {
      this.check()
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error
      this.seen = before
      return undefined
    }
    this.fresh = true
    return this.files()
  }

  private get parts(): readonly Source[] {
    return this.volume.projected?.sources ?? [this.volume]
  }

  private isOptional(index: number): boolean {
    const part = this.parts[index]
    return (part?.configMap ?? part?.secret)?.optional === true
  }

  /** The object of each source as it is now. */
  private look(): (KubeObject | string | undefined)[] {
    const { objects } = this.sources
    return this.parts.map(({ configMap, secret, downwardAPI }) => {
      if (configMap !== undefined)
        return objects.get('ConfigMap', this.namespace, configMap.name ?? '')
      if (secret !== undefined) {
        return objects.get('Secret', this.namespace, secret.secretName ?? secret.name ?? '')
      }
      if (downwardAPI?.items?.some(changes) !== true) return undefined
      return objects.get('Pod', this.namespace, this.podName)?.metadata.resourceVersion
    })
  }

  private check(): void {
    const problems: string[] = []
    for (const [index, { configMap, secret }] of this.parts.entries()) {
      const source = configMap ?? secret
      if (source === undefined || source.optional === true) continue
      const object = this.seen[index]
      const name = source.secretName ?? source.name ?? ''
      // A cluster that nobody serves has no certificate authority.
      if (object === undefined && name === 'kube-root-ca.crt') continue
      if (object === undefined) {
        problems.push(`${configMap === undefined ? 'secret' : 'configmap'} "${name}" not found`)
        continue
      }
      const missing = source.items?.find(({ key }) => bytesAt(object, key) === undefined)
      if (missing === undefined) continue
      problems.push(
        configMap === undefined
          ? `references non-existent secret key: ${missing.key}`
          : `configmap references non-existent config key: ${missing.key}`,
      )
    }
    if (problems.length > 1) throw new ContainerConfigError(`[${problems.join(', ')}]`)
    if (problems[0] !== undefined) throw new ContainerConfigError(problems[0])
  }

  private files(): Map<string, VolumeFile> {
    const files = new Map<string, VolumeFile>()
    const pod = this.sources.objects.get('Pod', this.namespace, this.podName)
    for (const [index, part] of this.parts.entries()) {
      const { configMap, secret, downwardAPI, serviceAccountToken: account } = part
      const source = configMap ?? secret
      const usual =
        this.volume.projected?.defaultMode ?? source?.defaultMode ?? downwardAPI?.defaultMode
      const mode = usual ?? DEFAULT_MODE
      const put = (path: string, data: Uint8Array | undefined, own: number | undefined) => {
        if (data !== undefined) files.set(path, { data, mode: own ?? mode })
      }
      const object = this.seen[index]
      if (source?.items !== undefined) {
        for (const item of source.items) put(item.path, bytesAt(object, item.key), item.mode)
      } else if (source !== undefined) {
        for (const key of keysOf(object)) put(key, bytesAt(object, key), undefined)
      }
      for (const item of downwardAPI?.items ?? []) {
        put(item.path, Buffer.from(this.textOf(item, pod)), item.mode)
      }
      if (account !== undefined)
        put(account.path, Buffer.from(this.tokenFor(account, pod)), undefined)
    }
    return files
  }

  private textOf(item: DownwardItem, pod: Pod | undefined): string {
    if (pod === undefined) return ''
    const { nodeIP, objects } = this.sources
    if (item.fieldRef !== undefined) return podField(pod, item.fieldRef.fieldPath, nodeIP)
    const { resourceFieldRef: resource } = item
    const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
      (other) => other.name === resource?.containerName,
    )
    if (resource === undefined || container === undefined) return ''
    const node = objects.get('Node', undefined, pod.spec.nodeName ?? '')
    return resourceField(container, resource, node?.status?.allocatable ?? {})
  }

  /** Models pkg/kubelet/token: a token is asked for again when four fifths of its time are over. */
  private tokenFor(
    account: NonNullable<Source['serviceAccountToken']>,
    pod: Pod | undefined,
  ): string {
    const now = this.sources.now()
    if (this.token !== undefined && now < this.token.renewAtMs) return this.token.text
    const name = pod?.spec.serviceAccountName ?? 'default'
    const { audience = '', expirationSeconds: seconds = 3600 } = account
    const text = this.sources.accountToken({
      namespace: this.namespace,
      name,
      audiences: audience === '' ? [] : [audience],
      seconds,
      renewed: true,
      bound: { kind: 'Pod', name: this.podName, uid: pod?.metadata.uid ?? '' },
    })
    this.token = { text, renewAtMs: now + seconds * 800 }
    return text
  }
}

/** Whether what a file says of its pod can become different. */
function changes({ fieldRef }: DownwardItem): boolean {
  return /^metadata\.(labels|annotations)|^status\./.test(fieldRef?.fieldPath ?? '')
}

function isData(object: KubeObject | string | undefined): object is Data {
  return typeof object === 'object'
}

function keysOf(object: KubeObject | string | undefined): readonly string[] {
  if (!isData(object)) return []
  const binary = 'binaryData' in object ? object.binaryData : undefined
  return [...Object.keys(object.data ?? {}), ...Object.keys(binary ?? {})]
}

function bytesAt(object: KubeObject | string | undefined, key: string): Uint8Array | undefined {
  if (!isData(object)) return undefined
  const text = object.data?.[key]
  if (object.kind === 'Secret') return text === undefined ? undefined : Buffer.from(text, 'base64')
  if (text !== undefined) return Buffer.from(text)
  const binary = 'binaryData' in object ? object.binaryData?.[key] : undefined
  return binary === undefined ? undefined : Buffer.from(binary, 'base64')
}
