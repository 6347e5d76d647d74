import type { KindInfo } from '../../../kube/kinds.ts'

const query = (name: string, type: string) => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
})
const NAME = {
  name: 'name',
  in: 'path',
  required: true,
  schema: { type: 'string', uniqueItems: true },
}
const NAMESPACE = { ...NAME, name: 'namespace' }
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => query(name, 'string'))
const LIST = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue', 'string'),
  query('fieldSelector', 'string'),
  query('labelSelector', 'string'),
  query('limit', 'integer'),
  query('resourceVersion', 'string'),
  query('resourceVersionMatch', 'string'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
]
const DELETE = [
  query('dryRun', 'string'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy', 'string'),
]
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/**
 * The operations of a kind. Clients look here for its schema, and for `fieldValidation` in PATCH: where it is, kubectl leaves
 * validation to the server.
 *
 * @param names.path path of the document: `apis/apps/v1`
 * @param names.schema full name of the kind's schema
 */
export function openApiPaths(
  info: KindInfo,
  names: { readonly path: string; readonly schema: string; readonly isCustom: boolean },
): Record<string, unknown> {
  const { group, version, kind, plural } = info
  const has = (verb: string) => info.verbs.includes(verb)
  const ref = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } })
  const operation = (
    action: string,
    options: { parameters?: unknown; body?: unknown; answer?: string; status?: string },
  ) => ({
    tags: [`${group.split('.')[0] || 'core'}_${version}`],
    description: `${action} ${kind}`,
    operationId: `${action}${kind}`,
    ...(options.parameters === undefined ? {} : { parameters: options.parameters }),
    ...(options.body === undefined ? {} : { requestBody: { content: options.body } }),
    responses: {
      [options.status ?? '200']: {
        description: 'OK',
        content: { 'application/json': ref(options.answer ?? names.schema) },
      },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  })
  const own = { '*/*': ref(names.schema) }
  // Custom kinds do not say how lists merge: kubectl then computes a merge patch.
  const patchTypes = names.isCustom
    ? PATCH_TYPES.filter((type) => !type.includes('strategic'))
    : PATCH_TYPES
  const patch = Object.fromEntries(patchTypes.map((type) => [type, ref(`${META}.Patch`)]))
  const collection = `/${names.path}${info.namespaced ? '/namespaces/{namespace}' : ''}/${plural}`
  const scope = info.namespaced ? [NAMESPACE] : []
  const item = {
    ...(has('get') ? { get: operation('get', {}) } : {}),
    ...(has('update') ? { put: operation('put', { parameters: WRITE, body: own }) } : {}),
    ...(has('patch')
      ? {
          patch: operation('patch', {
            parameters: [...WRITE, query('force', 'boolean')],
            body: patch,
          }),
        }
      : {}),
    ...(has('delete')
      ? {
          delete: operation('delete', {
            parameters: DELETE,
            body: { '*/*': ref(`${META}.DeleteOptions`) },
            answer: `${META}.Status`,
          }),
        }
      : {}),
  }
  return {
    [collection]: {
      ...(has('list') ? { get: operation('list', { parameters: LIST }) } : {}),
      ...(has('create')
        ? { post: operation('post', { parameters: WRITE, body: own, status: '201' }) }
        : {}),
      ...(has('deletecollection')
        ? {
            delete: operation('deletecollection', {
              parameters: [...LIST, ...DELETE],
              answer: `${META}.Status`,
            }),
          }
        : {}),
      ...(scope.length === 0 ? {} : { parameters: scope }),
    },
    ...(Object.keys(item).length === 0
      ? {}
      : { [`${collection}/{name}`]: { ...item, parameters: [NAME, ...scope] } }),
  }
}
