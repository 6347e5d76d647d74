import type { KubeObject } from '../../../kube/objects.ts'
import type { ApiContext } from '../context.ts'
import type { FieldError } from '../validation/field-error.ts'

/**
 * What differs from kind to kind when an object is written; models k8s.io/kubernetes pkg/registry/<kind>/strategy.go. Objects
 * given here may be shared: a strategy returns new ones.
 */
export interface Strategy {
  /** How `metadata.name` is checked. */
  readonly nameRule: 'subdomain' | 'label' | 'dns1035' | 'path'
  /** Finalizers need no domain: what Kubernetes asks of its own kinds only. */
  readonly freeFinalizers?: true
  /** The status is written with the rest of the object: there is no status subresource. */
  readonly ownsStatus?: true
  /** Who writes the status cannot change annotations on the way. */
  readonly statusKeepsMetadata?: true
  /** `metadata.generation` counts changes outside metadata and status. */
  readonly counted?: boolean
  /** The status that a new object has, whatever the client sent; absent: the client's is kept. */
  readonly initialStatus?: (object: KubeObject) => Record<string, unknown> | undefined
  /** Fills in what the server fills in, on create and on update. */
  readonly defaults?: (object: KubeObject) => KubeObject
  /** Fills in what only a new object gets and validation looks at: a job's selector, the limits of a namespace. */
  readonly prepareCreate?: (object: KubeObject, context: ApiContext) => KubeObject
  /** Fills in what only a new object gets: addresses, admission. May refuse by throwing. */
  readonly admit?: (object: KubeObject, context: ApiContext) => KubeObject
  /** Carries over what an update may leave out. */
  readonly prepareUpdate?: (
    object: KubeObject,
    previous: KubeObject,
    context: ApiContext,
  ) => KubeObject
  /** @param previous what is stored, where the object is changed */
  readonly validate?: (object: KubeObject, previous?: KubeObject) => readonly FieldError[]
  /** What only a new object may not do. */
  readonly validateCreate?: (object: KubeObject) => readonly FieldError[]
  readonly validateUpdate?: (object: KubeObject, previous: KubeObject) => readonly FieldError[]
  /** What a request about a pod's ephemeral containers alone may not do. */
  readonly validateEphemeral?: (object: KubeObject, previous: KubeObject) => readonly FieldError[]
  /** What is wrong with a new status. */
  readonly validateStatus?: (object: KubeObject, previous: KubeObject) => readonly FieldError[]
  /** Texts for `Warning` headers. */
  readonly warnings?: (object: KubeObject, previous?: KubeObject) => readonly string[]
  /** Why an object may not be deleted. */
  readonly protectedBecause?: (object: KubeObject) => string | undefined
  /** Finalizers that an object gets when it is deleted: somebody has to clean up after it. */
  readonly deletionFinalizers?: readonly string[]
  /** Fields for `?fieldSelector=` beside name and namespace. */
  readonly fields?: (object: KubeObject) => Readonly<Record<string, string>>
}
