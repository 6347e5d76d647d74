import type { KubeObject, WorkloadCondition } from './objects.ts'

/** A schema of apiextensions.k8s.io/v1, as far as the simulated API server acts on it. */
export interface JsonSchema {
  type?: string
  format?: string
  description?: string
  title?: string
  default?: unknown
  nullable?: boolean
  enum?: unknown[]
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  required?: string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: unknown[]
}

export interface PrinterColumn {
  name: string
  type: string
  jsonPath: string
  format?: string
  description?: string
  priority?: number
}

export interface CustomResourceNames {
  plural?: string
  singular?: string
  kind?: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export interface CustomResourceVersion {
  name: string
  served?: boolean
  storage?: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: { openAPIV3Schema?: JsonSchema }
  subresources?: {
    status?: object
    scale?: {
      specReplicasPath?: string
      statusReplicasPath?: string
      labelSelectorPath?: string
    }
  }
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: { jsonPath: string }[]
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group?: string
    scope?: string
    names?: CustomResourceNames
    versions?: CustomResourceVersion[]
    conversion?: { strategy?: string }
    preserveUnknownFields?: boolean
  }
  status?: {
    acceptedNames?: CustomResourceNames
    storedVersions?: string[]
    conditions?: WorkloadCondition[]
  }
}
