import { expandReferences } from '../../../kube/expand-references.ts'
import type { Container, EnvVar, Pod, PodSpec } from '../../../kube/objects.ts'
import { nanosOf } from '../../../kube/quantity.ts'
import type { ContainerRuntime, PodVolume, VolumeMountPoint } from '../../ports.ts'
import { ContainerConfigError } from './container-environment.ts'
import { FilledContent, type FilledVolume, type VolumeSources } from './volume-content.ts'

type Volume = FilledVolume & {
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string }
}

type SavedFiles = Readonly<Record<string, string | null>>

/** Before the name of a volume where saved files are listed by container. */
const SAVED_AS = 'volumes/'

const FILLED: readonly string[] = ['configMap', 'secret', 'downwardAPI', 'projected']
/** What the kubelet keeps in memory, so that it is never written to a disk. */
const IN_MEMORY: readonly string[] = ['secret', 'downwardAPI', 'projected']

interface MadeVolume {
  readonly name: string
  readonly volume: PodVolume
  /** The kubelet writes its files. */
  readonly filled: boolean
}

/** The volumes of a pod on its node: made before its containers, shared by them, gone with the pod. */
export class PodVolumes {
  private readonly made: MadeVolume[] = []
  private readonly runtime: Pick<ContainerRuntime, 'createVolume'>
  private readonly sources: VolumeSources
  private readonly saved: Readonly<Record<string, SavedFiles>> | undefined

  constructor(options: {
    readonly runtime: Pick<ContainerRuntime, 'createVolume'>
    readonly sources: VolumeSources
    /** Files of a saved cluster, by what holds them. */
    readonly saved: Readonly<Record<string, SavedFiles>> | undefined
  }) {
    this.runtime = options.runtime
    this.sources = options.sources
    this.saved = options.saved
  }

  /** Sets up what is not yet; why one volume cannot be, as the kubelet says it. */
  setUp(pod: Pod): readonly string[] {
    return volumesOf(pod.spec).flatMap((volume) => {
      if (this.madeOf(volume.name) !== undefined) return []
      try {
        const filled = FILLED.includes(kindOf(volume))
        this.made.push({ name: volume.name, volume: this.make(volume, pod), filled })
        return []
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error
        return [`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`]
      }
    })
  }

  /**
   * Where a container finds the volumes. Models makeMounts of pkg/kubelet/kubelet_pods.go.
   * @param env its variables, values in the place of references
   * @throws ContainerConfigError for a `subPathExpr` that names a variable without a value
   */
  mountsOf(container: Container, env: readonly EnvVar[]): readonly VolumeMountPoint[] {
    return (container.volumeMounts ?? []).flatMap((mount) => {
      const made = this.madeOf(mount.name)
      if (made === undefined) return []
      const subPath = expandSubPath(mount.subPathExpr, env) ?? mount.subPath
      return [
        {
          path: mount.mountPath,
          volume: made.volume,
          // What the kubelet fills is never written by anybody else.
          readOnly: mount.readOnly === true || made.filled,
          ...(subPath === undefined || subPath === '' ? {} : { subPath }),
        },
      ]
    })
  }

  /** What is to be saved. */
  files(): Record<string, SavedFiles> {
    return Object.fromEntries(
      this.made.flatMap(({ name, volume }) => {
        const files = volume.changedFiles()
        return Object.keys(files).length === 0 ? [] : [[SAVED_AS + name, files]]
      }),
    )
  }

  private madeOf(name: string): MadeVolume | undefined {
    return this.made.find((entry) => entry.name === name)
  }

  private make(volume: Volume, pod: Pod): PodVolume {
    const kind = kindOf(volume)
    if (FILLED.includes(kind)) {
      const content = new FilledContent(volume, pod, this.sources)
      return this.runtime.createVolume({ content, inMemory: IN_MEMORY.includes(kind) })
    }
    const { medium, sizeLimit = '' } = volume.emptyDir ?? {}
    const inMemory = medium === 'Memory'
    const bytes = inMemory ? nanosOf(sizeLimit) : undefined
    const files = this.saved?.[SAVED_AS + volume.name]
    return this.runtime.createVolume({
      inMemory,
      ...(bytes === undefined || bytes === 0n ? {} : { limit: Number(bytes / 1_000_000_000n) }),
      ...(files === undefined ? {} : { files }),
    })
  }
}

/** Volumes that the containers of a pod get an empty folder for, since their kind is not simulated, each with that. */
export function notSimulated(spec: PodSpec): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  return volumesOf(spec).flatMap((volume) => {
    const kind = kindOf(volume)
    const used = containers.some(({ volumeMounts }) =>
      volumeMounts?.some((mount) => mount.name === volume.name),
    )
    if (!used || kind === 'emptyDir' || FILLED.includes(kind)) return []
    return [
      `Volumes of type ${kind} are not simulated: containers get an empty folder for "${volume.name}"`,
    ]
  })
}

function volumesOf(spec: PodSpec): readonly Volume[] {
  const given = spec.volumes
  return Array.isArray(given) ? given : []
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((field) => field !== 'name') ?? ''
}

/** Models ExpandContainerVolumeMounts of pkg/kubelet/container/helpers.go. */
function expandSubPath(text: string | undefined, env: readonly EnvVar[]): string | undefined {
  if (text === undefined || text === '') return undefined
  const values = new Map<string, string>()
  for (const { name, value = '' } of env) {
    values.set(
      name,
      expandReferences(value, (key) => values.get(key)),
    )
  }
  const missing = new Set<string>()
  const expanded = expandReferences(text, (name) => {
    const value = values.get(name) ?? ''
    if (value === '') missing.add(name)
    return value
  })
  if (missing.size === 0) return expanded
  throw new ContainerConfigError(`missing value for ${[...missing].sort().join(', ')}`)
}
