import type { KubeObject, LabelSelector, PodTemplate } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { ControllerRevision } from '../../kube/workload-objects.ts'
import type { ControllerContext } from './controller.ts'
import { claim, controllerReference } from './pod-control.ts'
import { templateHash } from './template-hash.ts'

/** On a pod: the revision that it was made from. */
export const REVISION_LABEL = 'controller-revision-hash'
const HASH_LABEL = 'controller.kubernetes.io/hash'

/** A set whose templates are kept as controller revisions. */
interface Revised extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number }
}

/** The revisions of a set, oldest first, and the one of its template as it is now. */
export interface Revisions {
  readonly all: readonly ControllerRevision[]
  readonly update: ControllerRevision
}

/**
 * Finds the revision of a set's template, numbers it last, or makes it: models pkg/controller/history.
 * @param labels what a new one carries beside its hash
 */
export function reviseTemplate(
  context: ControllerContext,
  set: Revised,
  labels: Readonly<Record<string, string>>,
): Revisions {
  const { objects } = context
  const all = claim(context, 'ControllerRevision', set, set.spec.selector).sort(
    (a, b) => a.revision - b.revision,
  )
  const last = all.at(-1)
  const data = { spec: { template: { ...set.spec.template, $patch: 'replace' } } }
  const same = all.filter((revision) => sameJson(revision.data, data)).at(-1)
  if (same !== undefined && same === last) return { all, update: same }
  const revision = (last?.revision ?? 0) + 1
  if (same !== undefined) {
    const update = objects.update('ControllerRevision', { ...same, revision })
    return { all: [...all.filter((entry) => entry !== same), update], update }
  }
  const hash = templateHash(set.spec.template)
  const update = objects.create('ControllerRevision', {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      labels: { ...labels, [HASH_LABEL]: hash },
      ...(set.metadata.annotations === undefined
        ? {}
        : { annotations: { ...set.metadata.annotations } }),
      ownerReferences: [controllerReference(set)],
    },
    data,
    revision,
  })
  return { all: [...all, update], update }
}

/** The hash of a revision, without the set's name. */
export function hashOf(revision: ControllerRevision): string {
  return revision.metadata.labels?.[HASH_LABEL] ?? ''
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision, otherwise: PodTemplate): PodTemplate {
  const data = revision.data as { spec?: { template?: PodTemplate & { $patch?: string } } }
  const template = data?.spec?.template
  if (template === undefined) return otherwise
  const { $patch: _patch, ...rest } = template
  return rest
}

/** Forgets the oldest revisions beyond the limit that nothing uses any more. */
export function pruneRevisions(
  context: ControllerContext,
  set: Revised,
  revisions: Revisions,
  isLive: (revision: ControllerRevision) => boolean,
): void {
  const spare = revisions.all.filter((revision) => !isLive(revision))
  const limit = set.spec.revisionHistoryLimit ?? 10
  for (const { metadata } of spare.slice(0, Math.max(0, spare.length - limit))) {
    context.objects.delete('ControllerRevision', metadata.namespace, metadata.name)
  }
}
