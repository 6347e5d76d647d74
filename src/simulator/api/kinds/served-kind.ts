import type { KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { StoredKind } from '../../ports.ts'
import type { Decoded, DecodeOptions } from '../schema/decode.ts'
import type { StructType } from '../schema/schema.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Column } from '../tables/column.ts'

/** One version of one kind as it is served below a path; a kind with several versions has one of these for each. */
export interface ServedKind {
  /** Where its objects are stored, whatever version wrote them. */
  readonly stored: StoredKind
  readonly info: KindInfo
  readonly struct: StructType
  readonly strategy: Strategy
  readonly columns: readonly Column[]
  /** `kind` of a list. */
  readonly listKind: string
  /** Items of a list carry their own apiVersion and kind: custom resources do. */
  readonly itemsNameKind: boolean
  /** Reads JSON as an object of this version; a value of the wrong type is refused here or by validation. */
  readonly decode: (value: unknown, options?: DecodeOptions) => Decoded
  /** A stored object as this version shows it. */
  readonly fromStorage: (object: AnyKubeObject) => AnyKubeObject
  /** An object of this version as it is stored. */
  readonly toStorage: (object: AnyKubeObject) => AnyKubeObject
  /** Where `kubectl scale` finds its numbers; absent: `spec.replicas`, `status.replicas` and `spec.selector`. */
  readonly scalePaths?: ScalePaths
  /** Its definition is being deleted: there are no new objects. */
  readonly isTerminating?: true
  /** Text for a `Warning` header of every answer: a deprecated version. */
  readonly warning?: string
  /** What OpenAPI says of it, where it is none of Kubernetes' published schemas. */
  readonly openApi?: { readonly name: string; readonly schema: () => unknown }
}

/** Paths such as `.spec.replicas`. */
export interface ScalePaths {
  readonly replicas: readonly string[]
  readonly statusReplicas: readonly string[]
  /** A path to text, not to a selector. */
  readonly selector?: readonly string[]
}

/** The kinds that are served now: the built-in ones, and those of established CustomResourceDefinitions. */
export interface Kinds {
  /**
   * The version that a kind is stored in.
   * @throws TypeError for a kind that is not there
   */
  of(kind: StoredKind): ServedKind
  find(kind: StoredKind): ServedKind | undefined
  /** What a path means: `apps/v1`, `deployments`. */
  at(apiVersion: string, plural: string): ServedKind | undefined
  /** Every version of every kind, in the order of discovery. A new array after each change. */
  all(): readonly ServedKind[]
  /** Every kind in the version that it is stored in. */
  stored(): readonly ServedKind[]
}
