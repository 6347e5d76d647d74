import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilTrue } from '../support/changes.ts'
import { type Answer, openTestCluster, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeAll(() => {
  cluster = openTestCluster()
})
afterAll(() => cluster.close())

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'a', image: 'alpine' }] },
}
const jobTemplate = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'x' } }
const RBAC = 'rbac.authorization.k8s.io'
const claim = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

interface Row {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly body: Record<string, unknown>
  readonly columns: readonly string[]
  readonly cells: readonly unknown[]
  readonly global?: true
}

/** One object of each kind that has come since the foundation, and the row that `kubectl get` prints of it. */
const ROWS: readonly Row[] = [
  {
    group: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    body: { spec: { replicas: 0, serviceName: 'x', selector, template } },
    columns: ['Name', 'Ready', 'Age', 'Containers', 'Images'],
    cells: ['x', '0/0', '0s', 'a', 'alpine'],
  },
  {
    group: 'apps/v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    body: {
      spec: {
        selector,
        template: { ...template, spec: { ...template.spec, nodeSelector: { none: 'such' } } },
      },
    },
    columns: [
      'Name',
      'Desired',
      'Current',
      'Ready',
      'Up-to-date',
      'Available',
      'Node Selector',
      'Age',
      'Containers',
      'Images',
      'Selector',
    ],
    cells: ['x', 0, 0, 0, 0, 0, 'none=such', '0s', 'a', 'alpine', 'app=x'],
  },
  {
    group: 'apps/v1',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    body: { revision: 3, data: { spec: {} } },
    columns: ['Name', 'Controller', 'Revision', 'Age'],
    cells: ['x', '<none>', '3', '0s'],
  },
  {
    group: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    body: { spec: { suspend: true, template: jobTemplate } },
    columns: [
      'Name',
      'Status',
      'Completions',
      'Duration',
      'Age',
      'Containers',
      'Images',
      'Selector',
    ],
    cells: [
      'x',
      expect.any(String),
      '0/1',
      '',
      '0s',
      'a',
      'alpine',
      expect.stringContaining('batch.kubernetes.io/controller-uid='),
    ],
  },
  {
    group: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    body: {
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: jobTemplate } },
      },
    },
    columns: [
      'Name',
      'Schedule',
      'Timezone',
      'Suspend',
      'Active',
      'Last Schedule',
      'Age',
      'Containers',
      'Images',
      'Selector',
    ],
    cells: ['x', '0 0 1 1 *', '<none>', 'True', 0, '<none>', '0s', 'a', 'alpine', '<none>'],
  },
  {
    group: 'networking.k8s.io/v1',
    kind: 'Ingress',
    plural: 'ingresses',
    body: {
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['a.example.com'] }],
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
    columns: ['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'],
    cells: ['x', 'nginx', 'a.example.com', '', '80, 443', '0s'],
  },
  {
    group: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    plural: 'ingressclasses',
    global: true,
    body: { spec: { controller: 'k8s.io/ingress-nginx' } },
    columns: ['Name', 'Controller', 'Parameters', 'Age'],
    cells: ['x', 'k8s.io/ingress-nginx', '<none>', '0s'],
  },
  {
    group: `${RBAC}/v1`,
    kind: 'Role',
    plural: 'roles',
    body: { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
    columns: ['Name', 'Created At'],
    cells: ['x', expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)],
  },
  {
    group: `${RBAC}/v1`,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    global: true,
    body: { rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] },
    columns: ['Name', 'Created At'],
    cells: ['x', expect.any(String)],
  },
  {
    group: `${RBAC}/v1`,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    body: {
      roleRef: { kind: 'Role', name: 'x' },
      subjects: [
        { kind: 'User', name: 'ann' },
        { kind: 'ServiceAccount', name: 'default', namespace: 'default' },
      ],
    },
    columns: ['Name', 'Role', 'Age', 'Users', 'Groups', 'ServiceAccounts'],
    cells: ['x', 'Role/x', '0s', 'ann', '', 'default/default'],
  },
  {
    group: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    global: true,
    body: {
      roleRef: { kind: 'ClusterRole', name: 'x' },
      subjects: [{ kind: 'Group', name: 'team' }],
    },
    columns: ['Name', 'Role', 'Age', 'Users', 'Groups', 'ServiceAccounts'],
    cells: ['x', 'ClusterRole/x', '0s', '', 'team', ''],
  },
  {
    group: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    body: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'nobody' } } } },
    columns: ['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age'],
    cells: ['x', '1', 'N/A', 0, '0s'],
  },
  {
    group: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    body: {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
      },
    },
    columns: ['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'],
    cells: ['x', 'Deployment/web', 'cpu: <unknown>/80%', '1', 5, 0, '0s'],
  },
  {
    group: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    body: claim,
    columns: [
      'Name',
      'Status',
      'Volume',
      'Capacity',
      'Access Modes',
      'StorageClass',
      'VolumeAttributesClass',
      'Age',
      'VolumeMode',
    ],
    cells: ['x', 'Pending', '', '', '', '', '<unset>', '0s', 'Filesystem'],
  },
  {
    group: 'v1',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    global: true,
    body: {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        hostPath: { path: '/data' },
      },
    },
    columns: [
      'Name',
      'Capacity',
      'Access Modes',
      'Reclaim Policy',
      'Status',
      'Claim',
      'StorageClass',
      'VolumeAttributesClass',
      'Reason',
      'Age',
      'VolumeMode',
    ],
    cells: [
      'x',
      '1Gi',
      'RWO,ROX',
      'Retain',
      'Available',
      '',
      '',
      '<unset>',
      '',
      '0s',
      'Filesystem',
    ],
  },
  {
    group: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    global: true,
    body: { provisioner: 'rancher.io/local-path' },
    columns: [
      'Name',
      'Provisioner',
      'ReclaimPolicy',
      'VolumeBindingMode',
      'AllowVolumeExpansion',
      'Age',
    ],
    cells: ['x', 'rancher.io/local-path', 'Delete', 'Immediate', false, '0s'],
  },
  {
    group: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    body: { spec: { hard: { pods: '4' } } },
    columns: ['Name', 'Age', 'Request', 'Limit'],
    cells: ['x', '0s', 'pods: 0/4', ''],
  },
  {
    group: 'v1',
    kind: 'LimitRange',
    plural: 'limitranges',
    body: { spec: { limits: [{ type: 'Container', default: { cpu: '500m' } }] } },
    columns: ['Name', 'Created At'],
    cells: ['x', expect.any(String)],
  },
  {
    group: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    global: true,
    body: { value: 1000 },
    columns: ['Name', 'Value', 'Global-Default', 'Age', 'PreemptionPolicy'],
    cells: ['x', 1000, false, '0s', 'PreemptLowerPriority'],
  },
  {
    group: 'coordination.k8s.io/v1',
    kind: 'Lease',
    plural: 'leases',
    body: { spec: { holderIdentity: 'me' } },
    columns: ['Name', 'Holder', 'Age'],
    cells: ['x', 'me', '0s'],
  },
]

const rootOf = (row: Row) => (row.group.includes('/') ? `/apis/${row.group}` : `/api/${row.group}`)
const urlOf = (row: Row) =>
  `${rootOf(row)}${row.global === true ? '' : '/namespaces/default'}/${row.plural}`
const create = (row: Row, name = 'x'): Promise<Answer> =>
  cluster.send('POST', urlOf(row), {
    apiVersion: row.group,
    kind: row.kind,
    metadata: { name },
    ...row.body,
  })

describe('a stored kind', () => {
  it.each(ROWS)('$kind is created, printed with its own columns, and deleted', async (row) => {
    const made = await create(row)
    expect(made.body).toMatchObject({ kind: row.kind, metadata: { name: 'x' } })
    expect(made.status).toBe(201)
    const { body } = await cluster.send('GET', `${urlOf(row)}/x`, undefined, TABLE)
    expect(body.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(
      row.columns,
    )
    expect(body.rows[0].cells).toEqual(row.cells)
    const patched = await cluster.send(
      'PATCH',
      `${urlOf(row)}/x`,
      { metadata: { labels: { changed: 'yes' } } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(patched.status).toBe(200)
    expect((await cluster.send('DELETE', `${urlOf(row)}/x`)).status).toBe(200)
  })

  it.each(ROWS)('$kind refuses a field that it does not have', async (row) => {
    const { status, body } = await cluster.send('POST', `${urlOf(row)}?fieldValidation=Strict`, {
      apiVersion: row.group,
      kind: row.kind,
      metadata: { name: 'y' },
      ...row.body,
      nonsense: true,
    })
    expect(status).toBe(400)
    expect(body.message).toContain('strict decoding error: unknown field "nonsense"')
  })

  it('is in discovery with the names, groups and verbs of Kubernetes 1.32', async () => {
    const groups = (await cluster.send('GET', '/apis')).body.groups
    expect(
      groups.map((group: { preferredVersion: { groupVersion: string } }) => {
        return group.preferredVersion.groupVersion
      }),
    ).toEqual([
      'apps/v1',
      'events.k8s.io/v1',
      'authentication.k8s.io/v1',
      'authorization.k8s.io/v1',
      'autoscaling/v2',
      'batch/v1',
      'networking.k8s.io/v1',
      'policy/v1',
      'rbac.authorization.k8s.io/v1',
      'storage.k8s.io/v1',
      'apiextensions.k8s.io/v1',
      'scheduling.k8s.io/v1',
      'coordination.k8s.io/v1',
      'discovery.k8s.io/v1',
    ])
    const { body } = await cluster.send('GET', '/apis/apps/v1')
    expect(body.resources.map((entry: { name: string }) => entry.name)).toEqual([
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ])
    const batch = await cluster.send('GET', '/apis/batch/v1')
    expect(batch.body.resources[0]).toMatchObject({ name: 'cronjobs', shortNames: ['cj'] })
    const scaling = await cluster.send('GET', '/apis/autoscaling/v2')
    expect(scaling.body.resources[0]).toMatchObject({ shortNames: ['hpa'], categories: ['all'] })
  })

  it('gives a job its own selector, and the labels of its template', async () => {
    const row = ROWS.find((entry) => entry.kind === 'Job')
    if (row === undefined) throw new Error('no row')
    const { body } = await create(row, 'mine')
    const labels = {
      app: 'x',
      'batch.kubernetes.io/controller-uid': body.metadata.uid,
      'batch.kubernetes.io/job-name': 'mine',
      'controller-uid': body.metadata.uid,
      'job-name': 'mine',
    }
    expect(body.spec).toMatchObject({
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': body.metadata.uid } },
    })
    expect(body.spec.template.metadata.labels).toEqual(labels)
  })

  it('is emptied out of a namespace that goes', async () => {
    await cluster.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'full' },
    })
    const local = ROWS.filter((row) => row.global !== true)
    for (const row of local) {
      const { status } = await cluster.send(
        'POST',
        `${rootOf(row)}/namespaces/full/${row.plural}`,
        { apiVersion: row.group, kind: row.kind, metadata: { name: 'x' }, ...row.body },
      )
      expect(status).toBe(201)
    }
    await cluster.send('DELETE', '/api/v1/namespaces/full')
    await untilTrue(
      cluster,
      async () => (await cluster.send('GET', '/api/v1/namespaces/full')).status === 404,
    )
    for (const row of local) {
      const { body } = await cluster.send('GET', `${rootOf(row)}/namespaces/full/${row.plural}`)
      expect(body.items).toEqual([])
    }
  })

  it('gives pods the number of their priority class, and refuses one that is not there', async () => {
    await cluster.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    })
    const pod = (priorityClassName: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { priorityClassName, containers: [{ name: 'a', image: 'alpine' }] },
    })
    const url = '/api/v1/namespaces/default/pods?dryRun=All'
    expect((await cluster.send('POST', url, pod('high'))).body.spec.priority).toBe(1000)
    const { status, body } = await cluster.send('POST', url, pod('low'))
    expect(status).toBe(403)
    expect(body.message).toBe('pods "p" is forbidden: no PriorityClass with name low was found')
  })
})
