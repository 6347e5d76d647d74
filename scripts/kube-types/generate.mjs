// Writes src/simulator/api/schema/kube-types.ts: the fields and types of the kinds that the simulated API server
// serves, read from the models of @kubernetes/client-node (Apache-2.0, generated from the Kubernetes API).
// Run: node scripts/kube-types/generate.mjs
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOTS = [
  'V1ConfigMap',
  'V1Endpoints',
  'CoreV1Event',
  'V1Namespace',
  'V1Node',
  'V1Pod',
  'V1Secret',
  'V1ServiceAccount',
  'V1Service',
  'V1Deployment',
  'V1ReplicaSet',
  'V1EndpointSlice',
  'V1NetworkPolicy',
  'V1LimitRange',
  'V1PersistentVolumeClaim',
  'V1PersistentVolume',
  'V1ResourceQuota',
  'V1ControllerRevision',
  'V1DaemonSet',
  'V1StatefulSet',
  'V2HorizontalPodAutoscaler',
  'V1CronJob',
  'V1Job',
  'V1Lease',
  'V1IngressClass',
  'V1Ingress',
  'V1PodDisruptionBudget',
  'V1ClusterRoleBinding',
  'V1ClusterRole',
  'V1RoleBinding',
  'V1Role',
  'V1PriorityClass',
  'V1StorageClass',
  'V1Scale',
  'V1Eviction',
  'V1Binding',
  'V1SelfSubjectAccessReview',
  'V1SelfSubjectReview',
  'V1DeleteOptions',
]
// The OpenAPI types say `string` where Go has resource.Quantity.
const QUANTITIES = new Set([
  'ResourceRequirements.limits',
  'ResourceRequirements.requests',
  'VolumeResourceRequirements.limits',
  'VolumeResourceRequirements.requests',
  'PodSpec.overhead',
  'EmptyDirVolumeSource.sizeLimit',
  'ResourceFieldSelector.divisor',
  'NodeStatus.capacity',
  'NodeStatus.allocatable',
  'ContainerStatus.allocatedResources',
  'PodStatus.allocatedResources',
  'LimitRangeItem.default',
  'LimitRangeItem.defaultRequest',
  'LimitRangeItem.max',
  'LimitRangeItem.maxLimitRequestRatio',
  'LimitRangeItem.min',
  'PersistentVolumeClaimStatus.allocatedResources',
  'PersistentVolumeClaimStatus.capacity',
  'PersistentVolumeSpec.capacity',
  'ResourceQuotaSpec.hard',
  'ResourceQuotaStatus.hard',
  'ResourceQuotaStatus.used',
  'MetricTarget.averageValue',
  'MetricTarget.value',
  'MetricValueStatus.averageValue',
  'MetricValueStatus.value',
  'HPAScalingRules.tolerance',
])

const models = await import('@kubernetes/client-node')
const types = {}
const clean = (name) => name.replace(/^V[12](?=[A-Z])/, '')

function textOf(owner, field, type, format) {
  const list = /^Array<(.*)>$/.exec(type)
  if (list) return `[]${textOf(owner, field, list[1], format)}`
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map) return `{}${textOf(owner, field, map[1], format)}`
  if (QUANTITIES.has(`${clean(owner)}.${field}`)) return 'quantity'
  switch (type) {
    case 'string':
      return format === 'byte' ||
        (field === 'data' && owner === 'V1Secret') ||
        field === 'binaryData'
        ? 'bytes'
        : 'string'
    case 'number':
      return format === 'double' ? 'float64' : format || 'int64'
    case 'boolean':
      return 'bool'
    case 'Date':
      return 'time'
    case 'V1MicroTime':
      return 'microtime'
    case 'IntOrString':
      return 'intstr'
    case 'any':
      return 'any'
  }
  collect(type)
  return clean(type)
}

function collect(name) {
  const key = clean(name)
  if (key in types) return
  types[key] = ''
  const map = models[name]?.attributeTypeMap
  if (!map) throw new Error(`No model ${name}`)
  types[key] = map
    .filter((a) => !(name === 'V1NetworkPolicy' && a.baseName === 'status'))
    .map((a) => `${a.baseName}:${textOf(name, a.baseName, a.type, a.format)}`)
    .join(' ')
}
for (const root of ROOTS) collect(root)
const lines = Object.keys(types)
  .sort()
  .map((key) => `  ${/^\w+$/.test(key) ? key : `'${key}'`}:\n    '${types[key]}',`)
const target = fileURLToPath(
  new URL('../../src/simulator/api/schema/kube-types.ts', import.meta.url),
)
writeFileSync(
  target,
  `/**
 * Written by scripts/kube-types/generate.mjs; do not edit. The fields of each Go struct of the Kubernetes API that the
 * served kinds reach: \`field:type\`, where \`[]T\` is a list and \`{}T\` a map from string. Derived from the models of
 * @kubernetes/client-node, Copyright The Kubernetes Authors, Apache-2.0.
 */
export const KUBE_TYPES: Readonly<Record<string, string>> = {
${lines.join('\n')}
}
`,
)
