import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'

/** Writes what `kubectl describe` says about one object of a kind; may ask the cluster for what belongs to it. */
export type Describer = (
  context: KubectlContext,
  object: AnyKubeObject,
  options: { readonly showEvents: boolean },
) => Promise<string>
