import type { KubeClient } from '../../kube/client.ts'
import { apiVersionOf, KINDS, type KindInfo, resolveKind } from '../../kube/kinds.ts'
import { KubectlError } from './kubectl-error.ts'
import { isRecord, records, strings, text } from './values.ts'

/** Finds out what a typed kind means: from the lab's own table, else from what the cluster says it serves. */
export interface KindResolver {
  /** `po`, `pods`, `deployments.apps`. Throws as kubectl does where there is none. */
  typed(word: string): Promise<KindInfo>
  /** The kind of an object's `apiVersion` and `kind`. */
  ofObject(object: {
    readonly apiVersion: string
    readonly kind: string
  }): Promise<KindInfo | undefined>
  /** The kinds of a category such as `all`, or `undefined` where the word is no category. */
  category(word: string): readonly KindInfo[] | undefined
  /** Everything that the cluster serves. */
  served(): Promise<readonly KindInfo[]>
}

/** @param client is asked for its discovery documents at most once, and only for kinds that the table does not have. */
export function createKindResolver(client: KubeClient): KindResolver {
  let discovered: Promise<readonly KindInfo[]> | undefined
  const served = () => {
    discovered ??= discover(client).catch((error: unknown) => {
      discovered = undefined
      throw error
    })
    return discovered
  }
  return {
    async typed(word) {
      const found = find(word, KINDS) ?? find(word, await served())
      if (found !== undefined) return found
      throw new KubectlError(
        `the server doesn't have a resource type ${JSON.stringify(word.split('.')[0] ?? word)}`,
      )
    },
    async ofObject(object) {
      const same = (info: KindInfo) =>
        info.kind === object.kind && apiVersionOf(info) === object.apiVersion
      return KINDS.find(same) ?? (await served()).find(same)
    },
    category(word) {
      const members = KINDS.filter((info) => info.categories.includes(word))
      return members.length === 0 ? undefined : members
    },
    served,
  }
}

function find(word: string, kinds: readonly KindInfo[]): KindInfo | undefined {
  return word === '' ? undefined : resolveKind(word, kinds)
}

/** Reads the plain discovery documents: `/api/v1`, then the preferred version of each group of `/apis`. */
async function discover(client: KubeClient): Promise<readonly KindInfo[]> {
  const core = await resourcesOf(client, '/api/v1', { group: '', version: 'v1' })
  const groups = await client.request({ method: 'GET', path: '/apis' })
  const others = await Promise.all(
    records(isRecord(groups.body) ? groups.body.groups : undefined).map((group) => {
      const preferred = isRecord(group.preferredVersion) ? group.preferredVersion : {}
      const version = text(preferred.version)
      const name = text(group.name)
      return resourcesOf(client, `/apis/${name}/${version}`, { group: name, version })
    }),
  )
  return [core, ...others].flat()
}

async function resourcesOf(
  client: KubeClient,
  path: string,
  place: { readonly group: string; readonly version: string },
): Promise<readonly KindInfo[]> {
  const answer = await client.request({ method: 'GET', path })
  return records(isRecord(answer.body) ? answer.body.resources : undefined)
    .filter((resource) => !text(resource.name).includes('/'))
    .map((resource) => ({
      ...place,
      kind: text(resource.kind),
      plural: text(resource.name),
      singular: text(resource.singularName) || text(resource.kind).toLowerCase(),
      shortNames: strings(resource.shortNames),
      namespaced: resource.namespaced === true,
      categories: strings(resource.categories),
      verbs: strings(resource.verbs),
      subresources: [],
    }))
}
