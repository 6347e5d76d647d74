import type {
  CustomResourceDefinition,
  CustomResourceNames,
} from '../../kube/custom-resource-definition.ts'
import type { WorkloadCondition } from '../../kube/objects.ts'
import { type Controller, type ControllerContext, timeText } from './controller.ts'
import { isTerminating } from './pod-facts.ts'
import { createWorkQueue } from './work-queue.ts'

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/**
 * Accepts the names of CustomResourceDefinitions and establishes them; deletes the objects of one that is deleted. Models
 * pkg/controller/status, establish and finalizer of k8s.io/apiextensions-apiserver.
 */
export function startCustomDefinitions(context: ControllerContext): Controller {
  const { objects, clock, onDefect } = context
  const now = () => timeText(clock.now())

  const reconcile = (name: string) => {
    const definition = objects.get('CustomResourceDefinition', undefined, name)
    if (definition === undefined) {
      // Its names are free now.
      for (const other of objects.list('CustomResourceDefinition')) accept(other)
    } else if (isTerminating(definition)) cleanUp(definition)
    else accept(definition)
  }

  const accept = (definition: CustomResourceDefinition) => {
    const { names = {}, group } = definition.spec
    const taken = objects
      .list('CustomResourceDefinition')
      .filter(
        (other) => other.spec.group === group && other.metadata.name !== definition.metadata.name,
      )
      .map((other) => other.status?.acceptedNames ?? {})
    const conflict = conflictOf(names, definition.status?.acceptedNames ?? {}, taken)
    const accepted: WorkloadCondition =
      conflict === undefined
        ? {
            type: 'NamesAccepted',
            status: 'True',
            reason: 'NoConflicts',
            message: 'no conflicts found',
          }
        : { type: 'NamesAccepted', status: 'False', ...conflict }
    const before = conditionOf(definition, 'Established')
    const established: WorkloadCondition =
      before?.status === 'True'
        ? before
        : conflict === undefined
          ? {
              type: 'Established',
              status: 'True',
              reason: 'InitialNamesAccepted',
              message: 'the initial names have been accepted',
            }
          : {
              type: 'Established',
              status: 'False',
              reason: 'NotAccepted',
              message: 'not all names are accepted',
            }
    setStatus(definition, [accepted, established], conflict === undefined ? names : undefined)
  }

  const cleanUp = (definition: CustomResourceDefinition) => {
    const { name, finalizers = [] } = definition.metadata
    if (!finalizers.includes(CLEANUP)) return
    const kind = objects.kinds().find((entry) => entry.kind === name)
    const left =
      kind === undefined
        ? []
        : objects.list(kind.kind).flatMap((object) => {
            const { namespace, name: own } = object.metadata
            if (!isTerminating(object)) objects.delete(kind.kind, namespace, own)
            return objects.get(kind.kind, namespace, own) ?? []
          })
    if (left.length > 0) {
      setStatus(definition, [
        {
          type: 'Terminating',
          status: 'True',
          reason: 'InstanceDeletionInProgress',
          message: 'CustomResource deletion is in progress',
        },
      ])
      return
    }
    const current = objects.get('CustomResourceDefinition', undefined, name)
    if (current === undefined) return
    const { finalizers: all = [], ...metadata } = current.metadata
    const kept = all.filter((entry) => entry !== CLEANUP)
    objects.update('CustomResourceDefinition', {
      ...current,
      metadata: kept.length === 0 ? metadata : { ...metadata, finalizers: kept },
    })
  }

  const setStatus = (
    definition: CustomResourceDefinition,
    conditions: readonly WorkloadCondition[],
    names?: CustomResourceNames,
  ) => {
    const before = definition.status?.conditions ?? []
    const changed = conditions.filter((condition) => {
      const known = before.find(({ type }) => type === condition.type)
      return (
        known === undefined ||
        known.status !== condition.status ||
        known.reason !== condition.reason ||
        known.message !== condition.message
      )
    })
    const sameNames =
      names === undefined ||
      JSON.stringify(names) === JSON.stringify(definition.status?.acceptedNames)
    if (changed.length === 0 && sameNames) return
    const next = [
      ...before.map((known) => {
        const condition = changed.find(({ type }) => type === known.type)
        if (condition === undefined) return known
        const since = known.status === condition.status ? known.lastTransitionTime : undefined
        return { ...condition, lastTransitionTime: since ?? now() }
      }),
      ...changed
        .filter(({ type }) => !before.some((known) => known.type === type))
        .map((condition) => ({ ...condition, lastTransitionTime: now() })),
    ]
    objects.updateStatus('CustomResourceDefinition', {
      ...definition,
      status: {
        ...definition.status,
        conditions: next,
        ...(names === undefined ? {} : { acceptedNames: names }),
      },
    })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange(({ type, kind, object }) => {
    if (kind === 'CustomResourceDefinition') queue.add(object.metadata.name)
    // A definition may wait for the last of its objects.
    else if (type === 'DELETED' && kind.includes('.')) queue.add(kind)
  })
  for (const definition of objects.list('CustomResourceDefinition')) {
    queue.add(definition.metadata.name)
  }
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function conditionOf(
  definition: CustomResourceDefinition,
  type: string,
): WorkloadCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type)
}

/** The first name that another definition of the group has. */
function conflictOf(
  names: CustomResourceNames,
  own: CustomResourceNames,
  taken: readonly CustomResourceNames[],
): { readonly reason: string; readonly message: string } | undefined {
  const resources = new Set(
    taken.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular, ...shortNames]),
  )
  const kinds = new Set(taken.flatMap(({ kind, listKind }) => [kind, listKind]))
  const isTaken = (name: string | undefined, accepted: string | undefined, all: typeof kinds) =>
    name !== undefined && name !== '' && name !== accepted && all.has(name)
  const found = [
    ['PluralConflict', names.plural, own.plural, resources],
    ['SingularConflict', names.singular, own.singular, resources],
    ...(names.shortNames ?? []).map(
      (short) =>
        [
          'ShortNamesConflict',
          short,
          own.shortNames?.includes(short) === true ? short : undefined,
          resources,
        ] as const,
    ),
    ['KindConflict', names.kind, own.kind, kinds],
    ['ListKindConflict', names.listKind, own.listKind, kinds],
  ] as const
  // The last one that is found is the one that the condition names.
  const last = found.filter(([, name, accepted, all]) => isTaken(name, accepted, all)).at(-1)
  return last === undefined
    ? undefined
    : { reason: last[0], message: `${JSON.stringify(last[1])} is already in use` }
}
