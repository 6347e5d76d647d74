import { sameJson } from '../../../kube/same-json.ts'
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../kube/stored-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { immutableErrors } from '../validation/meta.ts'
import type { Strategy } from './strategy.ts'

const MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod']

/** Claims of volumes: models pkg/registry/core/persistentvolumeclaim and ValidatePersistentVolumeClaim. */
export const claimStrategy: Strategy = {
  nameRule: 'subdomain',
  initialStatus: () => ({ phase: 'Pending' }),
  defaults: (object) => {
    const { spec } = object as PersistentVolumeClaim
    return { ...object, spec: { ...spec, volumeMode: spec?.volumeMode ?? 'Filesystem' } }
  },
  validate: (object) => {
    const { spec } = object as PersistentVolumeClaim
    const found: FieldError[] = [...modeErrors(spec?.accessModes, 'spec.accessModes')]
    if (spec?.resources?.requests?.storage === undefined) {
      found.push(fieldError.required('spec.resources[storage]'))
    }
    return found
  },
  validateUpdate: (object, previous) => {
    const fixed = (claim: PersistentVolumeClaim) => ({
      ...claim.spec,
      resources: undefined,
      volumeName: undefined,
      volumeAttributesClassName: undefined,
    })
    return sameJson(
      fixed(object as PersistentVolumeClaim),
      fixed(previous as PersistentVolumeClaim),
    )
      ? []
      : [
          fieldError.forbidden(
            'spec',
            'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          ),
        ]
  },
}

const SOURCES = new Set([
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
])

/** Volumes, which are stored and never bound: models pkg/registry/core/persistentvolume. */
export const volumeStrategy: Strategy = {
  nameRule: 'subdomain',
  initialStatus: () => ({ phase: 'Available' }),
  defaults: (object) => {
    const { spec } = object as PersistentVolume
    return {
      ...object,
      spec: {
        ...spec,
        persistentVolumeReclaimPolicy: spec?.persistentVolumeReclaimPolicy ?? 'Retain',
        volumeMode: spec?.volumeMode ?? 'Filesystem',
      },
    }
  },
  validate: (object) => {
    const { spec = {} } = object as PersistentVolume
    const found: FieldError[] = [...modeErrors(spec.accessModes, 'spec.accessModes')]
    if (spec.capacity?.storage === undefined) found.push(fieldError.required('spec.capacity'))
    const sources = Object.keys(spec).filter((field) => SOURCES.has(field))
    if (sources.length === 0) {
      found.push(fieldError.required('spec', 'must specify a volume type'))
    }
    for (const source of sources.slice(1)) {
      found.push(fieldError.forbidden(`spec.${source}`, 'may not specify more than 1 volume type'))
    }
    return found
  },
}

/** Storage classes: models ValidateStorageClass. */
export const storageClassStrategy: Strategy = {
  nameRule: 'subdomain',
  defaults: (object) => {
    const storage = object as StorageClass
    return {
      ...object,
      reclaimPolicy: storage.reclaimPolicy ?? 'Delete',
      volumeBindingMode: storage.volumeBindingMode ?? 'Immediate',
    }
  },
  validate: (object) => {
    const { provisioner = '', reclaimPolicy, volumeBindingMode } = object as StorageClass
    const modes = ['Immediate', 'WaitForFirstConsumer']
    const policies = ['Delete', 'Retain']
    return [
      ...(provisioner === '' ? [fieldError.required('provisioner')] : []),
      ...(policies.includes(reclaimPolicy ?? '')
        ? []
        : [fieldError.notSupported('reclaimPolicy', reclaimPolicy, policies)]),
      ...(modes.includes(volumeBindingMode ?? '')
        ? []
        : [fieldError.notSupported('volumeBindingMode', volumeBindingMode, modes)]),
    ]
  },
  validateUpdate: (object, previous) => {
    const [next, before] = [object as StorageClass, previous as StorageClass]
    return [
      ...(sameJson(next.parameters, before.parameters)
        ? []
        : [fieldError.forbidden('parameters', 'updates to parameters are forbidden.')]),
      ...(next.provisioner === before.provisioner
        ? []
        : [fieldError.forbidden('provisioner', 'updates to provisioner are forbidden.')]),
      ...(next.reclaimPolicy === before.reclaimPolicy
        ? []
        : [fieldError.forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
      ...immutableErrors('volumeBindingMode', next.volumeBindingMode, before.volumeBindingMode),
    ]
  },
}

function modeErrors(modes: readonly string[] | undefined, at: string): readonly FieldError[] {
  if (modes === undefined || modes.length === 0) {
    return [fieldError.required(at, 'at least 1 access mode is required')]
  }
  return modes
    .filter((mode) => !MODES.includes(mode))
    .map((mode) => fieldError.notSupported(at, mode, [...MODES].sort()))
}
