import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openTestCluster,
  PODS,
  POLICIES,
  podOf,
  SERVICES,
  type TestCluster,
} from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const MAPS = '/api/v1/namespaces/default/configmaps'

describe('creating objects', () => {
  it('answers 201 with what is stored: uid, time, version and namespace', async () => {
    const { status, body } = await cluster.send('POST', MAPS, configMap('a', { k: 'v' }))
    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } })
    expect(body.metadata.namespace).toBe('default')
    expect(body.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/)
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0)
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  it('makes a name from generateName', async () => {
    const { body } = await cluster.send('POST', MAPS, {
      ...configMap(''),
      metadata: { generateName: 'app-' },
    })
    expect(body.metadata.name).toMatch(/^app-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('refuses a name that is taken', async () => {
    await cluster.send('POST', POLICIES, policy('np'))
    const { status, body } = await cluster.send('POST', POLICIES, policy('np'))
    expect(status).toBe(409)
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'networkpolicies.networking.k8s.io "np" already exists',
      reason: 'AlreadyExists',
      details: { name: 'np', group: 'networking.k8s.io', kind: 'networkpolicies' },
      code: 409,
    })
  })

  it('refuses a namespace that is not there', async () => {
    const { status, body } = await cluster.send(
      'POST',
      '/api/v1/namespaces/foo/configmaps',
      configMap('a'),
    )
    expect(status).toBe(404)
    expect(body.message).toBe('namespaces "foo" not found')
  })

  it('stores nothing in a dry run', async () => {
    const { status } = await cluster.send('POST', `${MAPS}?dryRun=All`, configMap('a'))
    expect(status).toBe(201)
    expect((await cluster.send('GET', `${MAPS}/a`)).status).toBe(404)
  })

  it('refuses a body of another kind or version', async () => {
    expect((await cluster.send('POST', MAPS, podOf('a'))).status).toBe(400)
    const other = { ...configMap('a'), apiVersion: 'v2' }
    expect((await cluster.send('POST', MAPS, other)).body.message).toBe(
      'the API version in the data (v2) does not match the expected API version (v1)',
    )
  })

  it('reads YAML bodies', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yes-yaml}\ndata:\n  a: "1"\n'
    const { body } = await cluster.send('POST', MAPS, yaml, { 'content-type': 'application/yaml' })
    expect(body.data).toEqual({ a: '1' })
  })
})

function policy(name: string, spec: Record<string, unknown> = {}) {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec }
}

describe('field validation', () => {
  const strict = (body: unknown) => cluster.send('POST', `${POLICIES}?fieldValidation=Strict`, body)

  it('names unknown fields in strict mode', async () => {
    const { status, body } = await strict(policy('np', { podSelectr: {}, ingress: [{ form: [] }] }))
    expect(status).toBe(400)
    expect(body.message).toBe(
      'NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: strict decoding error: unknown field "spec.podSelectr", unknown field "spec.ingress[0].form"',
    )
    expect(body.reason).toBe('BadRequest')
  })

  it('names duplicate fields in strict mode', async () => {
    const text =
      '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np"},"spec":{"podSelector":{},"podSelector":{"matchLabels":{"a":"b"}}}}'
    const { body } = await strict(text)
    expect(body.message).toContain('strict decoding error: duplicate field "spec.podSelector"')
  })

  it('warns where nothing is said, and is silent with Ignore', async () => {
    const warned = await cluster.send('POST', POLICIES, policy('np', { podSelectr: {} }))
    expect(warned.status).toBe(201)
    expect(warned.headers.warning).toEqual(['299 - "unknown field \\"spec.podSelectr\\""'])
    const ignored = await cluster.send(
      'POST',
      `${POLICIES}?fieldValidation=Ignore`,
      policy('np2', { x: 1 }),
    )
    expect(ignored.headers.warning).toBeUndefined()
  })

  it.each([
    [
      { ingress: [{ from: {} }] },
      'json: cannot unmarshal object into Go struct field NetworkPolicyIngressRule.spec.ingress.from of type []v1.NetworkPolicyPeer',
    ],
    [
      { podSelector: { matchLabels: { a: true } } },
      'json: cannot unmarshal bool into Go struct field LabelSelector.spec.podSelector.matchLabels of type string',
    ],
    [
      { policyTypes: 'Egress' },
      'json: cannot unmarshal string into Go struct field NetworkPolicySpec.spec.policyTypes of type []v1.PolicyType',
    ],
    [
      { egress: [{ ports: [{ port: true }] }] },
      'json: cannot unmarshal bool into Go struct field NetworkPolicyPort.spec.egress.ports.port of type int32',
    ],
    [
      { egress: [{ ports: [{ endPort: 1.5 }] }] },
      'json: cannot unmarshal number 1.5 into Go struct field NetworkPolicyPort.spec.egress.ports.endPort of type int32',
    ],
  ])('refuses the wrong JSON type in %j as Go does', async (spec, text) => {
    const { status, body } = await cluster.send('POST', POLICIES, policy('np', spec))
    expect(status).toBe(400)
    expect(body.message).toBe(
      `NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: ${text}`,
    )
  })

  it('joins several causes of an invalid policy', async () => {
    const { status, body } = await cluster.send(
      'POST',
      POLICIES,
      policy('np', { ingress: [{ ports: [{ port: 0, protocol: 'ICMP' }] }] }),
    )
    expect(status).toBe(422)
    expect(body.message).toBe(
      'NetworkPolicy.networking.k8s.io "np" is invalid: [spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP", spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive]',
    )
    expect(body.details.causes).toHaveLength(2)
    expect(body.details.causes[1]).toEqual({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be between 1 and 65535, inclusive',
      field: 'spec.ingress[0].ports[0].port',
    })
  })
})

describe('validation of what people get wrong', () => {
  it.each([
    [
      PODS,
      { ...podOf('Web') },
      "Pod \"Web\" is invalid: metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      PODS,
      { ...podOf('web'), spec: { containers: [{ name: 'a', image: '' }] } },
      'Pod "web" is invalid: spec.containers[0].image: Required value',
    ],
    [
      PODS,
      { ...podOf('web'), spec: { containers: [] } },
      'Pod "web" is invalid: spec.containers: Required value',
    ],
    [
      PODS,
      {
        ...podOf('web'),
        spec: { containers: [{ name: 'a', image: 'x', ports: [{ containerPort: 70000 }] }] },
      },
      'Pod "web" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      PODS,
      { ...podOf('web'), metadata: { name: 'web', labels: { app: 'bad value!' } } },
      "Pod \"web\" is invalid: metadata.labels: Invalid value: \"bad value!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      SERVICES,
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: {} },
      'Service "web" is invalid: spec.ports: Required value',
    ],
    [
      SERVICES,
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: '1web' },
        spec: { ports: [{ port: 80 }] },
      },
      "Service \"1web\" is invalid: metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ])('%s', async (url, body, message) => {
    const answer = await cluster.send('POST', url, body)
    expect(answer.status).toBe(422)
    expect(answer.body.message).toBe(message)
  })

  it('does not let the selector of a deployment change', async () => {
    const deployment = (app: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: { containers: [{ name: 'a', image: 'x' }] },
        },
      },
    })
    const url = '/apis/apps/v1/namespaces/default/deployments'
    await cluster.send('POST', url, deployment('a'))
    const { status, body } = await cluster.send('PUT', `${url}/d`, deployment('b'))
    expect(status).toBe(422)
    expect(body.message).toBe(
      'Deployment.apps "d" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"b"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    )
  })

  it('lets a pod change its labels and image and nothing else of its spec', async () => {
    await cluster.send('POST', PODS, podOf('web'))
    const merge = { 'content-type': 'application/merge-patch+json' }
    const good = await cluster.send(
      'PATCH',
      `${PODS}/web`,
      { metadata: { labels: { tier: 'x' } } },
      merge,
    )
    expect(good.status).toBe(200)
    const bad = await cluster.send('PATCH', `${PODS}/web`, { spec: { hostNetwork: true } }, merge)
    expect(bad.status).toBe(422)
    expect(bad.body.message).toContain(
      'Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than',
    )
  })
})

describe('defaults', () => {
  it('fills in a pod as Kubernetes does', async () => {
    const { body } = await cluster.send('POST', PODS, podOf('web'))
    expect(body.spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      enableServiceLinks: true,
    })
    expect(body.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
    })
    expect(body.spec.tolerations).toHaveLength(2)
    expect(body.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
  })

  it('gives services an address and node ports', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    }
    const { body } = await cluster.send('POST', SERVICES, service)
    expect(body.spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/)
    expect(body.spec.clusterIPs).toEqual([body.spec.clusterIP])
    expect(body.spec.ports[0]).toMatchObject({ protocol: 'TCP', targetPort: 80 })
    expect(body.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000)
    const again = await cluster.send('POST', SERVICES, {
      ...service,
      metadata: { name: 'other' },
      spec: { clusterIP: body.spec.clusterIP, ports: [{ port: 80 }] },
    })
    expect(again.status).toBe(422)
    expect(again.body.message).toContain('provided IP is already allocated')
  })

  it('gives a policy its policy types and protocol, and drops empty lists', async () => {
    const { body } = await cluster.send(
      'POST',
      POLICIES,
      policy('np', { ingress: [], egress: [{ ports: [{ port: 53 }] }] }),
    )
    expect(body.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
    })
  })
})

describe('reading objects', () => {
  it('answers NotFound with its details', async () => {
    const { status, body } = await cluster.send('GET', `${POLICIES}/np`)
    expect(status).toBe(404)
    expect(body).toMatchObject({
      message: 'networkpolicies.networking.k8s.io "np" not found',
      reason: 'NotFound',
      details: { name: 'np', group: 'networking.k8s.io', kind: 'networkpolicies' },
    })
  })

  it('lists in pages that stay on the same state', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await cluster.send('POST', MAPS, configMap(name))
    const first = await cluster.send('GET', `${MAPS}?limit=2`)
    expect(first.body.items.map((item: Named) => item.metadata.name)).toEqual(['a', 'b'])
    expect(first.body.metadata.remainingItemCount).toBe(2)
    await cluster.send('DELETE', `${MAPS}/c`)
    const token = encodeURIComponent(first.body.metadata.continue)
    const second = await cluster.send('GET', `${MAPS}?limit=2&continue=${token}`)
    expect(second.body.items.map((item: Named) => item.metadata.name)).toEqual(['c', 'd'])
    expect(second.body.metadata.continue).toBeUndefined()
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
  })

  it('leaves apiVersion and kind out of the items of a list', async () => {
    const { body } = await cluster.send('GET', '/api/v1/namespaces')
    expect(body.kind).toBe('NamespaceList')
    expect(body.items[0].kind).toBeUndefined()
  })

  it('selects by labels and fields', async () => {
    await cluster.send('POST', PODS, podOf('web'))
    await cluster.send('POST', PODS, podOf('db'))
    const names = async (query: string) =>
      (await cluster.send('GET', `${PODS}?${query}`)).body.items.map(
        (item: Named) => item.metadata.name,
      )
    expect(await names('labelSelector=app%3Dweb')).toEqual(['web'])
    expect(await names('labelSelector=app%20notin%20(web)')).toEqual(['db'])
    expect(await names('fieldSelector=metadata.name%3Ddb')).toEqual(['db'])
    const bad = await cluster.send('GET', `${PODS}?fieldSelector=spec.color%3Dred`)
    expect(bad.status).toBe(400)
    expect(bad.body.message).toBe('field label not supported: spec.color')
    expect((await cluster.send('GET', `${PODS}?labelSelector=a%3D%3D%3Db`)).status).toBe(400)
  })

  it('refuses a version of the future', async () => {
    const { status, body } = await cluster.send('GET', `${PODS}?resourceVersion=999999`)
    expect(status).toBe(504)
    expect(body.message).toMatch(/^Timeout: Too large resource version: 999999, current: \d+$/)
  })
})

type Named = { metadata: { name: string } }

describe('replacing objects', () => {
  it('refuses an outdated version', async () => {
    const { body } = await cluster.send('POST', MAPS, configMap('a'))
    await cluster.send('PUT', `${MAPS}/a`, configMap('a', { n: '1' }))
    const late = await cluster.send('PUT', `${MAPS}/a`, {
      ...configMap('a', { n: '2' }),
      metadata: body.metadata,
    })
    expect(late.status).toBe(409)
    expect(late.body.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  it('does not write what does not change', async () => {
    const { body } = await cluster.send('POST', MAPS, configMap('a', { n: '1' }))
    const again = await cluster.send('PUT', `${MAPS}/a`, configMap('a', { n: '1' }))
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
  })

  it('counts generations of policies', async () => {
    const created = await cluster.send('POST', POLICIES, policy('np'))
    expect(created.body.metadata.generation).toBe(1)
    const labelled = await cluster.send(
      'PATCH',
      `${POLICIES}/np`,
      { metadata: { labels: { a: 'b' } } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(labelled.body.metadata.generation).toBe(1)
    const changed = await cluster.send(
      'PUT',
      `${POLICIES}/np`,
      policy('np', { policyTypes: ['Egress'] }),
    )
    expect(changed.body.metadata.generation).toBe(2)
  })

  it('refuses another name than the one in the path', async () => {
    await cluster.send('POST', MAPS, configMap('a'))
    const { body } = await cluster.send('PUT', `${MAPS}/a`, configMap('b'))
    expect(body.message).toBe('the name of the object (b) does not match the name on the URL (a)')
  })
})

describe('deleting objects', () => {
  it('answers with a Status and its details', async () => {
    const created = await cluster.send('POST', MAPS, configMap('a'))
    const { status, body } = await cluster.send('DELETE', `${MAPS}/a`, {
      propagationPolicy: 'Background',
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: created.body.metadata.uid },
    })
  })

  it('waits for finalizers', async () => {
    await cluster.send('POST', MAPS, {
      ...configMap('a'),
      metadata: { name: 'a', finalizers: ['lab.example/wait'] },
    })
    const { body } = await cluster.send('DELETE', `${MAPS}/a`)
    expect(body.metadata.deletionTimestamp).toBeDefined()
    const patch = { metadata: { finalizers: null } }
    await cluster.send('PATCH', `${MAPS}/a`, patch, {
      'content-type': 'application/merge-patch+json',
    })
    expect((await cluster.send('GET', `${MAPS}/a`)).status).toBe(404)
  })

  it('keeps to preconditions', async () => {
    await cluster.send('POST', MAPS, configMap('a'))
    const { status, body } = await cluster.send('DELETE', `${MAPS}/a`, {
      preconditions: { uid: 'other' },
    })
    expect(status).toBe(409)
    expect(body.message).toContain('Precondition failed: UID in precondition: other')
  })

  it('deletes a selected collection', async () => {
    await cluster.send('POST', MAPS, {
      ...configMap('a'),
      metadata: { name: 'a', labels: { x: 'y' } },
    })
    await cluster.send('POST', MAPS, configMap('b'))
    await cluster.send('DELETE', `${MAPS}?labelSelector=x%3Dy`)
    expect((await cluster.send('GET', `${MAPS}/a`)).status).toBe(404)
    expect((await cluster.send('GET', `${MAPS}/b`)).status).toBe(200)
  })
})
