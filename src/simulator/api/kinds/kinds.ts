import type { CustomResourceDefinition } from '../../../kube/custom-resource-definition.ts'
import { apiVersionOf } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { StoredKind } from '../../ports.ts'
import type { Store } from '../store.ts'
import { builtInKinds } from './built-in-kinds.ts'
import { type CustomKinds, customKinds } from './custom-kind.ts'
import type { Kinds, ServedKind } from './served-kind.ts'

/** The kinds of a cluster, kept up with the CustomResourceDefinitions in its store. */
export function createKinds(store: Store): Kinds {
  const builtIn = builtInKinds()
  let all = builtIn
  let byKind = new Map<StoredKind, ServedKind>()
  let byPath = new Map<string, ServedKind>()
  const custom = new Map<string, CustomKinds & { readonly version: string }>()

  const index = () => {
    all = [...builtIn, ...[...custom.values()].flatMap(({ served }) => served)]
    const stored = [...custom.values()].flatMap((kinds) => kinds.stored ?? [])
    // The first version of a built-in kind in the list is the one that is stored.
    byKind = new Map(
      [...[...builtIn].reverse(), ...stored].map((served) => [served.stored, served]),
    )
    byPath = new Map(
      all.map((served) => [pathKey(apiVersionOf(served.info), served.info.plural), served]),
    )
  }
  const read = () => {
    const seen = new Set<string>()
    let changed = false
    for (const object of store.list('CustomResourceDefinition')) {
      const { name, resourceVersion = '' } = object.metadata
      seen.add(name)
      if (custom.get(name)?.version === resourceVersion) continue
      custom.set(name, {
        version: resourceVersion,
        // Decoded by its schema before it was stored, so its kind tells its type.
        ...customKinds(object as AnyKubeObject & CustomResourceDefinition),
      })
      changed = true
    }
    for (const name of custom.keys()) {
      if (!seen.has(name)) changed = custom.delete(name) || changed
    }
    if (changed) index()
  }
  index()
  read()
  store.onChange((change) => {
    if (change.kind === 'CustomResourceDefinition') read()
  })

  return {
    of(kind) {
      const found = byKind.get(kind)
      if (found === undefined) throw new TypeError(`no kind ${kind}`)
      return found
    },
    find: (kind) => byKind.get(kind),
    at: (apiVersion, plural) => byPath.get(pathKey(apiVersion, plural)),
    all: () => all,
    stored: () => [...byKind.values()],
  }
}

function pathKey(apiVersion: string, plural: string): string {
  return `${apiVersion}/${plural}`
}
