import type { JsonSchema } from '../../../kube/custom-resource-definition.ts'
import type { KindInfo } from '../../../kube/kinds.ts'

/** `com.example.v1.Widget`: the group backwards, then version and kind. */
export function customSchemaName({ group, version, kind }: KindInfo): string {
  return [...group.split('.').reverse(), version, kind].join('.')
}

const API_VERSION = {
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  type: 'string',
}
const KIND = {
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  type: 'string',
}
const METADATA = {
  description:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
}

/** The schema of a custom kind as OpenAPI v3 publishes it: models pkg/controller/openapi/builder of apiextensions-apiserver. */
export function customSchema(info: KindInfo, schema: JsonSchema): unknown {
  const { group, version, kind } = info
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: API_VERSION,
      kind: KIND,
      ...schema.properties,
      metadata: METADATA,
    },
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
  }
}
