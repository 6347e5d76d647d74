import * as z from 'zod'

/**
 * What objects of a lesson may say. A lesson may come from a stranger and may run on a cluster that somebody needs, so
 * only listed fields pass: no host network, host paths, host ports, privileges or service accounts.
 */
const labels = z
  .record(z.string(), z.string())
  .describe('a mapping of texts; put numbers and true or false in quotes')

const metadata = z.strictObject({
  name: z.string().min(1).describe('a name'),
  namespace: z.string().min(1).describe('the name of a namespace').optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
})

const base = { metadata }

const anything = z.record(z.string(), z.unknown()).describe('a mapping of fields')
const words = z.array(z.string()).describe('a list of texts')

const container = z.strictObject({
  name: z.string().min(1).describe('a name'),
  image: z.string().min(1).describe('a container image'),
  command: words.optional(),
  args: words.optional(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string().optional() })).optional(),
  ports: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        containerPort: z.int(),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
      }),
    )
    .optional(),
  workingDir: z.string().optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  readinessProbe: anything.optional(),
  resources: anything.optional(),
  stdin: z.boolean().optional(),
  tty: z.boolean().optional(),
})

const podSpec = z.strictObject({
  containers: z.array(container).min(1).describe('a list with at least one container'),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
  terminationGracePeriodSeconds: z.int().min(0).optional(),
  enableServiceLinks: z.boolean().optional(),
  hostname: z.string().optional(),
  subdomain: z.string().optional(),
})

const selector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z.array(anything).optional(),
})

export const lessonObjectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('Namespace'), apiVersion: z.literal('v1') }),
  z.strictObject({ ...base, kind: z.literal('Pod'), apiVersion: z.literal('v1'), spec: podSpec }),
  z.strictObject({
    ...base,
    kind: z.literal('Service'),
    apiVersion: z.literal('v1'),
    spec: z.strictObject({
      type: z.enum(['ClusterIP']).optional(),
      clusterIP: z.literal('None').optional(),
      selector: labels.optional(),
      ports: z
        .array(
          z.strictObject({
            name: z.string().optional(),
            port: z.int(),
            targetPort: z.union([z.int(), z.string()]).optional(),
            protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
          }),
        )
        .optional(),
      publishNotReadyAddresses: z.boolean().optional(),
    }),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('Deployment'),
    apiVersion: z.literal('apps/v1'),
    spec: z.strictObject({
      replicas: z.int().min(0).max(10).describe('a number of replicas from 0 to 10').optional(),
      selector,
      template: z.strictObject({
        metadata: z.strictObject({ labels: labels.optional(), annotations: labels.optional() }),
        spec: podSpec,
      }),
    }),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('ConfigMap'),
    apiVersion: z.literal('v1'),
    data: z.record(z.string(), z.string()).optional(),
  }),
  // The content of a policy is judged by the API server: lessons show manifests that it refuses.
  z.strictObject({
    ...base,
    kind: z.literal('NetworkPolicy'),
    apiVersion: z.literal('networking.k8s.io/v1'),
    spec: anything.optional(),
  }),
])

export const LESSON_KINDS = [
  'Namespace',
  'Pod',
  'Service',
  'Deployment',
  'ConfigMap',
  'NetworkPolicy',
] as const
