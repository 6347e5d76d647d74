import { kindOf } from '../../../kube/kinds.ts'
import type { Container, KubeObject, Pod, PodSpec } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type { PriorityClass } from '../../../kube/stored-objects.ts'
import { withDefaultLimits } from '../admission/limit-ranger.ts'
import type { ApiContext } from '../context.ts'
import { randomSuffix } from '../context.ts'
import { errors } from '../status.ts'
import { imageErrors } from '../validation/containers.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { isRecord, listOf, textOf } from '../validation/json.ts'
import { podSpecErrors } from '../validation/pod-spec.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import type { Strategy } from './strategy.ts'

/** Pods: models pkg/registry/core/pod and the admission plugins LimitRanger, ServiceAccount, DefaultTolerationSeconds and Priority. */
export const podStrategy: Strategy = {
  nameRule: 'subdomain',
  initialStatus: (object) => ({
    phase: 'Pending',
    ...(listOf(specOf(object).schedulingGates).length === 0 ? {} : { conditions: [GATED] }),
    qosClass: qosClass((object as Pod).spec),
  }),
  defaults: (object) => ({ ...object, spec: withRequests(defaultPodSpec(specOf(object))) }),
  prepareCreate: (object, { store }) => withDefaultLimits(object as Pod, store),
  admit: (object, context) => admitPod(object as Pod, context),
  validate: (object) => {
    const spec = specOf(object)
    return [
      ...podSpecErrors(spec, 'spec'),
      ...imageErrors(spec.containers, 'spec.containers'),
      ...imageErrors(spec.initContainers ?? [], 'spec.initContainers'),
    ]
  },
  validateCreate: (object) =>
    (specOf(object).ephemeralContainers ?? []).length === 0
      ? []
      : [fieldError.forbidden('spec.ephemeralContainers', 'cannot be set on create')],
  validateUpdate: (object, previous) => updateErrors(specOf(object), specOf(previous)),
  validateEphemeral: (object, previous) => ephemeralUpdateErrors(specOf(object), specOf(previous)),
  fields: (object) => {
    const { spec, status } = object as Pod
    return {
      'spec.nodeName': spec.nodeName ?? '',
      'spec.restartPolicy': spec.restartPolicy ?? '',
      'spec.schedulerName': String(spec.schedulerName ?? ''),
      'spec.serviceAccountName': spec.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIP ?? '',
      'status.nominatedNodeName': '',
    }
  },
}

/** Of a pod that somebody else lets go to the scheduler. */
const GATED = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
}

function specOf(object: object): PodSpec {
  const spec: unknown = Reflect.get(object, 'spec')
  return (typeof spec === 'object' && spec !== null ? spec : { containers: [] }) as PodSpec
}

/** A container that has a limit and no request for a resource asks for all of it (`SetDefaults_Pod`). */
function withRequests(spec: PodSpec): PodSpec {
  const filled = <T extends Container>(container: T): T => {
    const { limits, requests } = container.resources ?? {}
    if (typeof limits !== 'object' || limits === null) return container
    const asked: object = typeof requests === 'object' && requests !== null ? requests : {}
    const missing = Object.entries(limits).filter(([name]) => !Object.hasOwn(asked, name))
    return {
      ...container,
      resources: { ...container.resources, requests: { ...asked, ...Object.fromEntries(missing) } },
    }
  }
  return {
    ...spec,
    containers: spec.containers.map(filled),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: spec.initContainers.map(filled) }),
  }
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'

function admitPod(pod: Pod, context: ApiContext): Pod {
  const namespace = pod.metadata.namespace ?? 'default'
  const account = pod.spec.serviceAccountName ?? 'default'
  if (
    account !== 'default' &&
    context.store.get('ServiceAccount', `${namespace}/${account}`) === undefined
  ) {
    const info = kindOf(pod)
    if (info !== undefined) {
      throw errors.forbidden(
        info,
        shownName(pod),
        `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
      )
    }
  }
  const spec: PodSpec = {
    ...pod.spec,
    ...priorityOf(pod, context),
    serviceAccountName: account,
    serviceAccount: account,
    enableServiceLinks: pod.spec.enableServiceLinks ?? true,
    tolerations: withTolerations(pod.spec.tolerations),
  }
  return {
    ...pod,
    spec: pod.spec.automountServiceAccountToken === false ? spec : withToken(spec, context),
  }
}

/** Classes that every cluster has. */
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

/** The number behind a pod's priority class, or behind the one that is the default: models the Priority plugin. */
function priorityOf(pod: Pod, { store }: ApiContext): Pick<PodSpec, string> {
  const classes = store.list('PriorityClass').map((object) => object as KubeObject as PriorityClass)
  const given = textOf(pod.spec, 'priorityClassName')
  const chosen =
    given === ''
      ? classes.find((entry) => entry.globalDefault === true)
      : classes.find((entry) => entry.metadata.name === given)
  const system = SYSTEM_PRIORITIES[given]
  if (given !== '' && chosen === undefined && system === undefined) {
    const info = kindOf(pod)
    if (info !== undefined) {
      throw errors.forbidden(info, shownName(pod), `no PriorityClass with name ${given} was found`)
    }
  }
  return {
    ...(chosen === undefined ? {} : { priorityClassName: chosen.metadata.name }),
    priority: chosen?.value ?? system ?? 0,
    preemptionPolicy:
      pod.spec.preemptionPolicy ?? chosen?.preemptionPolicy ?? 'PreemptLowerPriority',
  }
}

/** Admission comes before a name is made up, so its refusals call a pod by the beginning of its name. */
function shownName({ metadata }: Pod): string {
  const { name, generateName = '' } = metadata
  const made = generateName !== '' && name.startsWith(generateName.slice(0, 58))
  return made && /^[a-z0-9]{5}$/.test(name.slice(-5)) && name.length === generateName.length + 5
    ? generateName
    : name
}

function withTolerations(given: unknown): unknown[] {
  const tolerations = Array.isArray(given) ? [...given] : []
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const has = tolerations.some((entry: unknown) => {
      const other: unknown =
        typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'key') : undefined
      return other === key || other === undefined
    })
    if (!has) {
      tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
    }
  }
  return tolerations
}

const TOKEN_VOLUME = 'kube-api-access-'

/** Mounts the account's token, as the ServiceAccount admission plugin does. */
function withToken(spec: PodSpec, context: ApiContext): PodSpec {
  const volumes: unknown[] = Array.isArray(spec.volumes) ? spec.volumes : []
  // The copy of a pod has the volume already.
  const known = volumes
    .map((volume) => textOf(volume, 'name'))
    .find((name) => name.startsWith(TOKEN_VOLUME))
  const name = known ?? `${TOKEN_VOLUME}${randomSuffix(context.randomBytes)}`
  const mount = { name, readOnly: true, mountPath: TOKEN_PATH }
  const mounted = <T extends object>(container: T): T => {
    const mounts: unknown = Reflect.get(container, 'volumeMounts')
    const list: unknown[] = Array.isArray(mounts) ? mounts : []
    const taken = list.some(
      (entry) =>
        typeof entry === 'object' &&
        entry !== null &&
        Reflect.get(entry, 'mountPath') === TOKEN_PATH,
    )
    return taken ? container : { ...container, volumeMounts: [...list, mount] }
  }
  const volume = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 420,
    },
  }
  return {
    ...spec,
    containers: spec.containers.map(mounted),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: spec.initContainers.map(mounted) }),
    volumes: known === undefined ? [...volumes, volume] : volumes,
  }
}

/** `GetPodQOS` for cpu and memory. */
function qosClass(spec: PodSpec): string {
  const resources = spec.containers.map((container) => container.resources ?? {})
  const part = (entry: Record<string, unknown>, name: string): Record<string, unknown> => {
    const value = entry[name]
    return typeof value === 'object' && value !== null ? { ...value } : {}
  }
  if (
    resources.every(
      (entry) => Object.keys({ ...part(entry, 'limits'), ...part(entry, 'requests') }).length === 0,
    )
  ) {
    return 'BestEffort'
  }
  const guaranteed = resources.every((entry) => {
    const limits = part(entry, 'limits')
    const requests = part(entry, 'requests')
    return ['cpu', 'memory'].every(
      (name) =>
        limits[name] !== undefined &&
        (requests[name] === undefined || requests[name] === limits[name]),
    )
  })
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

const UPDATE_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** `ValidatePodUpdate`. The difference that Kubernetes prints after the sentence is left out. */
function updateErrors(spec: PodSpec, previous: PodSpec): readonly FieldError[] {
  for (const field of ['containers', 'initContainers'] as const) {
    if ((spec[field] ?? []).length !== (previous[field] ?? []).length) {
      const at = `spec.${field}`
      return [fieldError.forbidden(at, 'pod updates may not add or remove containers')]
    }
  }
  const found: FieldError[] = []
  const [deadline, before] = [spec.activeDeadlineSeconds, previous.activeDeadlineSeconds]
  const at = 'spec.activeDeadlineSeconds'
  if (typeof before === 'number') {
    if (typeof deadline !== 'number') {
      found.push(
        fieldError.invalid(
          at,
          new GoText('"null"'),
          'must not update from a positive integer to nil value',
        ),
      )
    } else if (deadline > before) {
      found.push(fieldError.invalid(at, deadline, 'must be less than or equal to previous value'))
    }
  }
  const kept = listOf(previous.tolerations).every((toleration) =>
    listOf(spec.tolerations).some((other) =>
      sameJson(withoutSeconds(toleration), withoutSeconds(other)),
    ),
  )
  if (!kept) {
    found.push(
      fieldError.forbidden(
        'spec.tolerations',
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    )
  }
  const gates = (given: PodSpec) =>
    listOf(given.schedulingGates).map((gate) => (isRecord(gate) ? String(gate.name) : ''))
  const added = gates(spec).find((gate) => !gates(previous).includes(gate))
  if (added !== undefined) {
    found.push(
      fieldError.forbidden(
        'spec.schedulingGates',
        `only deletion is allowed, but found new scheduling gate '${added}'`,
      ),
    )
  }
  const comparable = (given: PodSpec) => ({
    ...given,
    containers: given.containers.map((container) => ({ ...container, image: '' })),
    initContainers: given.initContainers?.map((container) => ({ ...container, image: '' })),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    schedulingGates: undefined,
  })
  if (!sameJson(comparable(spec), comparable(previous))) {
    found.push(fieldError.forbidden('spec', UPDATE_RULE))
  }
  return found
}

/**
 * `ValidatePodEphemeralContainersUpdate`: they are added, never changed and never removed. The difference that Kubernetes prints after
 * the line is left out.
 */
function ephemeralUpdateErrors(spec: PodSpec, previous: PodSpec): readonly FieldError[] {
  const at = 'spec.ephemeralContainers'
  const now = new Map((spec.ephemeralContainers ?? []).map((each) => [each.name, each]))
  return (previous.ephemeralContainers ?? []).flatMap((before) => {
    const after = now.get(before.name)
    if (after !== undefined && sameJson(after, before)) return []
    const what = after === undefined ? 'removed' : 'changed'
    const named = JSON.stringify(before.name)
    return [fieldError.forbidden(at, `existing ephemeral containers ${named} may not be ${what}\n`)]
  })
}

function withoutSeconds(toleration: unknown): unknown {
  return isRecord(toleration) ? { ...toleration, tolerationSeconds: undefined } : toleration
}
