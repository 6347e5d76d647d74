import { parseApiVersion } from '../../kube/kinds.ts'
import type { AnyKubeObject } from '../../kube/objects.ts'
import { storedKinds } from './kinds/built-in-kinds.ts'
import { createKinds } from './kinds/kinds.ts'
import type { Kinds, ServedKind } from './kinds/served-kind.ts'
import type { Store } from './store.ts'

/**
 * Puts saved objects back, built-in kinds first: the definitions among them say what the rest is. Objects of a kind that is not
 * known any more are left out.
 */
export function restoreObjects(store: Store, objects: readonly AnyKubeObject[]): Kinds {
  const restore = (stored: readonly ServedKind[]) => {
    const byName = new Map(
      stored.map((served) => [`${served.info.group}/${served.info.kind}`, served]),
    )
    for (const object of objects) {
      const { group } = parseApiVersion(object.apiVersion)
      const served = byName.get(`${group}/${object.kind}`)
      if (served !== undefined) store.restore(served.stored, object)
    }
  }
  restore(storedKinds())
  const kinds = createKinds(store)
  restore(kinds.stored().filter(({ itemsNameKind }) => itemsNameKind))
  return kinds
}
