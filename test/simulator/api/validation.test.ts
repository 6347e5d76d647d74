import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  DEPLOYMENTS,
  openTestCluster,
  PODS,
  SERVICES,
  type TestCluster,
} from '../support/cluster.ts'

const NS = (group: string, plural: string) => `/apis/${group}/namespaces/default/${plural}`
const JOBS = NS('batch/v1', 'jobs')
const CRONS = NS('batch/v1', 'cronjobs')
const STATEFUL = NS('apps/v1', 'statefulsets')
const DAEMONS = NS('apps/v1', 'daemonsets')
const INGRESSES = NS('networking.k8s.io/v1', 'ingresses')
const RBAC = 'rbac.authorization.k8s.io'
const BINDINGS = NS(`${RBAC}/v1`, 'rolebindings')
const ROLES = NS(`${RBAC}/v1`, 'roles')
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'
const MERGE = { 'content-type': 'application/merge-patch+json' }

let cluster: TestCluster
beforeAll(() => {
  cluster = openTestCluster()
})
afterAll(() => cluster.close())

const container = { name: 'a', image: 'nginx' }
const pod = (more: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ ...container, ...more }], ...spec },
})
const template = (more: object = {}, spec: object = {}) => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ ...container, ...more }], ...spec },
})
const selector = { matchLabels: { app: 'x' } }
const workload = (kind: string, spec: object) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'w' },
  spec,
})
const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec,
})
const job = (spec: object, restartPolicy = 'Never') => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: { spec: { containers: [container], restartPolicy } }, ...spec },
})
const cron = (spec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'c' },
  spec: { schedule: '* * * * *', jobTemplate: { spec: job({}).spec }, ...spec },
})
const path = (entry: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i' },
  spec: { rules: [{ http: { paths: [entry] } }] },
})
const backend = { service: { name: 'web', port: { number: 80 } } }
const binding = (more: object) => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'b' },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: 'r' },
  ...more,
})

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SELECTOR_TEXT =
  'v1.LabelSelector{MatchLabels:map[string]string{}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}'

/** What is sent where, and what Kubernetes 1.32 finds wrong with it, in its order. */
const WRONG: readonly (readonly [
  name: string,
  url: string,
  body: object,
  causes: readonly string[],
])[] = [
  [
    'a container without an image',
    PODS,
    pod({ image: '' }),
    ['spec.containers[0].image: Required value'],
  ],
  [
    'an image with a blank behind it',
    PODS,
    pod({ image: 'nginx ' }),
    [
      'spec.containers[0].image: Invalid value: "nginx ": must not have leading or trailing whitespace',
    ],
  ],
  [
    'a pod without containers',
    PODS,
    pod({}, { containers: [] }),
    ['spec.containers: Required value'],
  ],
  [
    'two containers of one name',
    PODS,
    pod({}, { containers: [container, container] }),
    ['spec.containers[1].name: Duplicate value: "a"'],
  ],
  [
    'a container name in capitals',
    PODS,
    pod({ name: 'Web' }),
    [`spec.containers[0].name: Invalid value: "Web": ${LABEL_RULE}`],
  ],
  [
    'ports that are out of range, missing, doubled and misspelt',
    PODS,
    pod({
      ports: [
        { containerPort: 70000 },
        { name: 'x' },
        { name: 'http', containerPort: 80 },
        { name: 'http', containerPort: 81, protocol: 'tcp' },
        { name: 'a-very-long-port-name', containerPort: 82 },
      ],
    }),
    [
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[1].containerPort: Required value',
      'spec.containers[0].ports[3].name: Duplicate value: "http"',
      'spec.containers[0].ports[3].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
      'spec.containers[0].ports[4].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters',
    ],
  ],
  [
    'variables without a name, with a bad one, and from nowhere',
    PODS,
    pod({
      env: [
        { value: 'x' },
        { name: 'a=b' },
        { name: 'C', valueFrom: {} },
        { name: 'D', valueFrom: { secretKeyRef: { key: 'k' } } },
      ],
    }),
    [
      'spec.containers[0].env[0].name: Required value',
      `spec.containers[0].env[1].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      'spec.containers[0].env[2].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      'spec.containers[0].env[3].valueFrom.secretKeyRef.name: Required value',
    ],
  ],
  [
    'a mount of a volume that is not there',
    PODS,
    pod({ volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'data' }] }),
    [
      'spec.containers[0].volumeMounts[0].name: Not found: "data"',
      'spec.containers[0].volumeMounts[1].name: Not found: "data"',
      'spec.containers[0].volumeMounts[1].mountPath: Required value',
    ],
  ],
  [
    'volumes of one name, of two kinds, and of a secret that is not named',
    PODS,
    pod(
      {},
      {
        volumes: [
          { name: 'v', emptyDir: {}, hostPath: { path: '/' } },
          { name: 'v', secret: {} },
        ],
      },
    ),
    [
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[1].secret.secretName: Required value',
      'spec.volumes[1].name: Duplicate value: "v"',
    ],
  ],
  [
    'probes without a handler, with two, and with a bad port',
    PODS,
    pod({
      livenessProbe: { periodSeconds: -1 },
      readinessProbe: { exec: { command: ['true'] }, tcpSocket: { port: 80 } },
      startupProbe: { httpGet: { port: 0 }, successThreshold: 2 },
    }),
    [
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
      'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      'spec.containers[0].startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1',
    ],
  ],
  [
    'requests above limits, and resources that nobody knows',
    PODS,
    pod({
      resources: { limits: { cpu: '500m', gpu: '1' }, requests: { cpu: '1000m', memory: '-1' } },
    }),
    [
      'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 500m',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
      // The request for the device follows from its limit.
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  ],
  [
    'policies that are no words of Kubernetes',
    PODS,
    pod({ imagePullPolicy: 'always' }, { restartPolicy: 'Sometimes' }),
    [
      'spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
  [
    'a selector that does not match the template',
    DEPLOYMENTS,
    workload('Deployment', { selector: { matchLabels: { app: 'y' } }, template: template() }),
    [
      'spec.template.metadata.labels: Invalid value: map[string]string{"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'a selector that is missing, and a restart policy of jobs',
    DEPLOYMENTS,
    workload('Deployment', { template: template({}, { restartPolicy: 'Never' }) }),
    [
      'spec.selector: Required value',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ],
  [
    'a rollout that could never go on',
    DEPLOYMENTS,
    workload('Deployment', {
      replicas: -1,
      selector,
      template: template(),
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
    }),
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0',
    ],
  ],
  [
    'an empty selector',
    STATEFUL,
    workload('StatefulSet', { selector: {}, serviceName: 'x', template: template() }),
    [
      `spec.selector: Invalid value: ${SELECTOR_TEXT.replace('map[string]string{}', 'map[string]string(nil)')}: empty selector is invalid for statefulset`,
    ],
  ],
  [
    'words that stateful sets do not know',
    STATEFUL,
    workload('StatefulSet', {
      selector,
      podManagementPolicy: 'Random',
      updateStrategy: { rollingUpdate: { partition: -1 } },
      template: template(),
    }),
    [
      `spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`,
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a daemon set that may replace nothing',
    DAEMONS,
    workload('DaemonSet', {
      selector,
      template: template(),
      updateStrategy: { rollingUpdate: { maxUnavailable: 0 } },
    }),
    [
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
  ],
  [
    'a job whose pods would run for ever',
    JOBS,
    job({}, 'Always'),
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'an indexed job without an end, and negative numbers',
    JOBS,
    job({ completionMode: 'Indexed', parallelism: 2, backoffLimit: -1 }),
    [
      'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.completions: Required value: when completion mode is Indexed',
    ],
  ],
  [
    'a schedule that cannot be read',
    CRONS,
    cron({ schedule: '61 * * * *', concurrencyPolicy: 'Never', timeZone: 'Moon/Base' }),
    [
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
      'spec.timeZone: Invalid value: "Moon/Base": unknown time zone Moon/Base',
      'spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"',
    ],
  ],
  [
    'a service without ports',
    SERVICES,
    service({ selector: { app: 'x' } }),
    ['spec.ports: Required value'],
  ],
  [
    'a service with two ports of no name, and one twice',
    SERVICES,
    service({ ports: [{ port: 80 }, { port: 80, targetPort: 'much-too-long-a-name' }] }),
    [
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value',
      'spec.ports[1].targetPort: Invalid value: "much-too-long-a-name": must be no more than 15 characters',
      'spec.ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
    ],
  ],
  [
    'a node port of a service that opens none',
    SERVICES,
    service({ ports: [{ port: 80, nodePort: 30080 }] }),
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'a node port out of range',
    SERVICES,
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    [
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
  [
    'a path without a type',
    INGRESSES,
    path({ path: '/', backend }),
    ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
  ],
  [
    'a path that is not absolute, to a service without a port',
    INGRESSES,
    path({ path: 'a', pathType: 'Prefix', backend: { service: { name: 'web' } } }),
    [
      'spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path',
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
    ],
  ],
  [
    'a path of an unknown type without a backend',
    INGRESSES,
    path({ path: '/', pathType: 'Regex' }),
    [
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ],
  ],
  [
    'a role whose rule says nothing',
    ROLES,
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name: 'r' }, rules: [{}] },
    [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
  ],
  [
    'a binding to something that is no role',
    BINDINGS,
    binding({
      roleRef: { apiGroup: RBAC, kind: 'Pod', name: '' },
      subjects: [{ kind: 'Robot', name: 'r2' }],
    }),
    [
      'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
      'roleRef.name: Required value',
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
  ],
  [
    'a claim of nothing',
    CLAIMS,
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: {} },
    [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  ],
]

describe('validation', () => {
  it.each(WRONG)('says what is wrong with %s', async (_name, url, body, causes) => {
    const answer = await cluster.send('POST', url, body)
    expect(
      answer.body.details?.causes.map((cause: { field: string; message: string }) => {
        return `${cause.field}: ${cause.message}`
      }),
    ).toEqual(causes)
    expect(answer.status).toBe(422)
    const list = causes.length === 1 ? causes[0] : `[${causes.join(', ')}]`
    expect(answer.body.message).toContain(`is invalid: ${list}`)
  })

  it.each([
    [
      { cpu: '1 core' },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { memory: '1Gb' },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [{ memory: '1mi' }, "unable to parse quantity's suffix"],
  ])('refuses the quantity %j', async (limits, message) => {
    const { status, body } = await cluster.send('POST', PODS, pod({ resources: { limits } }))
    expect(status).toBe(400)
    expect(body.message).toContain(message)
  })

  it('writes quantities in their shortest form, and requests that follow from limits', async () => {
    const { body } = await cluster.send('POST', `${PODS}?dryRun=All`, {
      ...pod({ resources: { limits: { cpu: '0.5', memory: '1024Mi' } } }),
    })
    expect(body.spec.containers[0].resources).toEqual({
      limits: { cpu: '500m', memory: '1Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
  })

  it('gives a node port to one service only', async () => {
    const open = (name: string) => ({
      ...service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30123 }] }),
      metadata: { name },
    })
    expect((await cluster.send('POST', SERVICES, open('first'))).status).toBe(201)
    const { body } = await cluster.send('POST', SERVICES, open('second'))
    expect(body.message).toBe(
      'Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated',
    )
    // As a service of the cluster alone it gives the port back.
    const changed = await cluster.send(
      'PATCH',
      `${SERVICES}/first`,
      { spec: { type: 'ClusterIP' } },
      MERGE,
    )
    expect(changed.body.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }])
    expect((await cluster.send('POST', SERVICES, open('second'))).status).toBe(201)
  })

  it.each([
    [
      'a pod',
      PODS,
      pod({}, { restartPolicy: 'Never' }),
      { spec: { restartPolicy: 'Always' } },
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ],
    [
      'the containers of a pod',
      PODS,
      pod(),
      { spec: { containers: [container, { ...container, name: 'b' }] } },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      'the address of a service',
      SERVICES,
      service({ ports: [{ port: 80 }], clusterIP: '10.96.7.7' }),
      { spec: { clusterIP: '10.96.7.8', clusterIPs: ['10.96.7.8'] } },
      'spec.clusterIPs[0]: Invalid value: []string{"10.96.7.8"}: may not change once set',
    ],
    [
      'the service of a stateful set',
      STATEFUL,
      workload('StatefulSet', { replicas: 0, serviceName: 'a', selector, template: template() }),
      { spec: { serviceName: 'b' } },
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      'the completions of a job',
      JOBS,
      job({ suspend: true, completions: 2 }),
      { spec: { completions: 3 } },
      'spec.completions: Invalid value: 3: field is immutable',
    ],
    [
      'the role of a binding',
      BINDINGS,
      binding({}),
      { roleRef: { name: 'other' } },
      'roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"other"}: cannot change roleRef',
    ],
  ])('does not let %s change', async (_name, url, body, patch, message) => {
    expect((await cluster.send('POST', url, body)).status).toBe(201)
    const at = `${url}/${(body as { metadata: { name: string } }).metadata.name}`
    const answer = await cluster.send('PATCH', at, patch, MERGE)
    expect(answer.status).toBe(422)
    expect(answer.body.message).toContain(message)
    await cluster.send('DELETE', at, { gracePeriodSeconds: 0 })
  })

  it('does not let the template of a job change', async () => {
    await cluster.send('POST', JOBS, job({ suspend: false }))
    const patch = { spec: { template: { spec: { containers: [{ ...container, image: 'b' }] } } } }
    const { body } = await cluster.send('PATCH', `${JOBS}/j`, patch, MERGE)
    expect(body.message).toMatch(
      /^Job\.batch "j" is invalid: spec\.template: Invalid value: .*: field is immutable$/,
    )
  })
})
