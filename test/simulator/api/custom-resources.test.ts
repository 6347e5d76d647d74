import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestCluster, requestOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What the widget should be.',
      required: ['size'],
      properties: {
        size: { type: 'string', enum: ['small', 'large'], description: 'How big it is.' },
        replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
        code: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        ratio: { type: 'number' },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        parts: {
          type: 'array',
          maxItems: 2,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, weight: { type: 'integer' } },
          },
        },
      },
    },
    status: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        ready: { type: 'boolean' },
        text: { type: 'string' },
      },
    },
  },
}

function definition(
  overrides: Record<string, unknown> = {},
  version: Record<string, unknown> = {},
) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          additionalPrinterColumns: [
            { name: 'Size', type: 'string', jsonPath: '.spec.size' },
            { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          ...version,
        },
      ],
      ...overrides,
    },
  }
}

const widget = (name: string, spec: Record<string, unknown> = { size: 'small' }) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
})

async function establish(body: unknown = definition()) {
  const created = await cluster.send('POST', DEFINITIONS, body)
  expect(created.status, JSON.stringify(created.body)).toBe(201)
  await cluster.until(DEFINITIONS, ({ object }) =>
    (object.status?.conditions ?? []).some(
      (condition: { type: string; status: string }) =>
        condition.type === 'Established' && condition.status === 'True',
    ),
  )
}

describe('a CustomResourceDefinition', () => {
  it('is accepted and established with the conditions of Kubernetes', async () => {
    await establish()
    const { body } = await cluster.send('GET', `${DEFINITIONS}/widgets.example.com`)
    expect(body.spec.names).toMatchObject({ singular: 'widget', listKind: 'WidgetList' })
    expect(body.status.acceptedNames).toMatchObject({ kind: 'Widget', plural: 'widgets' })
    expect(body.status.storedVersions).toEqual(['v1'])
    expect(body.status.conditions).toEqual([
      expect.objectContaining({
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
      }),
      expect.objectContaining({
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }),
    ])
  })

  it.each([
    [
      'another name',
      { ...definition(), metadata: { name: 'x.example.com' } },
      'must be spec.names.plural+"."+spec.group',
    ],
    [
      'a group without a dot',
      definition({ group: 'example' }),
      'should be a domain with at least one dot',
    ],
    [
      'no storage version',
      definition({}, { storage: false }),
      'must have exactly one version marked as storage version',
    ],
    [
      'no schema',
      definition({}, { schema: undefined }),
      'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required',
    ],
    [
      'an untyped field',
      definition({}, { schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } }),
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ],
    [
      'a group of Kubernetes itself without its approval',
      { ...definition({ group: 'k8s.io' }), metadata: { name: 'widgets.k8s.io' } },
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
    [
      'no version that is stored',
      definition(
        {},
        {
          storage: false,
          schema: undefined,
          subresources: undefined,
          additionalPrinterColumns: undefined,
        },
      ),
      '[spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required, spec.versions: Invalid value: []apiextensions.CustomResourceDefinitionVersion{apiextensions.CustomResourceDefinitionVersion{Name:"v1", Served:true, Storage:false, Deprecated:false, DeprecationWarning:(*string)(nil), Schema:(*apiextensions.CustomResourceValidation)(nil), Subresources:(*apiextensions.CustomResourceSubresources)(nil), AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition(nil), SelectableFields:[]apiextensions.SelectableField(nil)}}: must have exactly one version marked as storage version, status.storedVersions: Invalid value: []string(nil): must have at least one stored version]',
    ],
    [
      'an unknown scope',
      definition({ scope: 'World' }),
      'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
    ],
    [
      'a conversion webhook',
      definition({ conversion: { strategy: 'Webhook' } }),
      'conversion webhooks are not simulated',
    ],
  ])('is refused with %s', async (_what, body, words) => {
    const answer = await cluster.send('POST', DEFINITIONS, body)
    expect(answer.status).toBe(422)
    expect(answer.body.message).toContain(words)
  })

  it('does not get a kind that another one of its group has', async () => {
    await establish()
    const other = definition({ names: { plural: 'gadgets', kind: 'Widget' } })
    await cluster.send('POST', DEFINITIONS, { ...other, metadata: { name: 'gadgets.example.com' } })
    const { object } = await cluster.until(
      DEFINITIONS,
      ({ object }) =>
        object.metadata.name === 'gadgets.example.com' && object.status.conditions !== undefined,
    )
    expect(object.status.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict' },
      { type: 'Established', status: 'False', reason: 'NotAccepted' },
    ])
    expect(
      (await cluster.send('GET', '/apis/example.com/v1/namespaces/default/gadgets')).status,
    ).toBe(404)
  })

  it('says that rules in CEL are not checked', async () => {
    const withRules = {
      openAPIV3Schema: {
        ...schema,
        'x-kubernetes-validations': [{ rule: 'self.spec.replicas > 1' }],
      },
    }
    const { headers } = await cluster.send(
      'POST',
      DEFINITIONS,
      definition({}, { schema: withRules }),
    )
    expect(String(headers.warning)).toContain('never checked')
  })

  it('takes its objects with it, and its kind out of discovery', async () => {
    await establish()
    await cluster.send('POST', WIDGETS, {
      ...widget('a'),
      metadata: { name: 'a', finalizers: ['example.com/wait'] },
    })
    const deleted = await cluster.send('DELETE', `${DEFINITIONS}/widgets.example.com`)
    expect(deleted.body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    const { object } = await cluster.until(DEFINITIONS, ({ object }) =>
      object.status.conditions.some(({ type }: { type: string }) => type === 'Terminating'),
    )
    expect(object.status.conditions.at(-1)).toMatchObject({ reason: 'InstanceDeletionInProgress' })
    await cluster.send(
      'PATCH',
      `${WIDGETS}/a`,
      { metadata: { finalizers: null } },
      { 'content-type': 'application/merge-patch+json' },
    )
    await expect
      .poll(async () => (await cluster.send('GET', '/apis/example.com/v1')).status)
      .toBe(404)
    expect((await cluster.send('GET', WIDGETS)).status).toBe(404)
  })
})

describe('custom resources', () => {
  it('are in discovery, with short names, categories and subresources', async () => {
    await establish()
    expect((await cluster.send('GET', '/apis/example.com')).body).toMatchObject({
      name: 'example.com',
      preferredVersion: { groupVersion: 'example.com/v1', version: 'v1' },
    })
    const { body } = await cluster.send('GET', '/apis/example.com/v1')
    expect(body.resources).toEqual([
      expect.objectContaining({
        name: 'widgets',
        singularName: 'widget',
        kind: 'Widget',
        namespaced: true,
        shortNames: ['wd'],
        categories: ['all'],
      }),
      expect.objectContaining({ name: 'widgets/status', kind: 'Widget' }),
      expect.objectContaining({ name: 'widgets/scale', kind: 'Scale', group: 'autoscaling' }),
    ])
  })

  it('are created with defaults, read, listed and deleted', async () => {
    await establish()
    const { status, body } = await cluster.send('POST', WIDGETS, widget('a'))
    expect(status).toBe(201)
    expect(body).toMatchObject({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a', namespace: 'default', generation: 1 },
      spec: { size: 'small', replicas: 1 },
    })
    const list = await cluster.send('GET', WIDGETS)
    expect(list.body).toMatchObject({
      kind: 'WidgetList',
      apiVersion: 'example.com/v1',
      items: [{ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } }],
    })
    expect((await cluster.send('DELETE', `${WIDGETS}/a`)).body).toMatchObject({
      status: 'Success',
      details: { name: 'a', group: 'example.com', kind: 'widgets' },
    })
    expect((await cluster.send('GET', `${WIDGETS}/a`)).body.message).toBe(
      'widgets.example.com "a" not found',
    )
  })

  it('lose what their schema does not know, and strict validation names it', async () => {
    await establish()
    const body = widget('a', {
      size: 'small',
      colour: 'red',
      free: { any: { thing: 1 } },
      parts: [{ name: 'x', y: 1 }],
    })
    const strict = await cluster.send('POST', `${WIDGETS}?fieldValidation=Strict`, body)
    expect(strict.status).toBe(400)
    expect(strict.body.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.colour", unknown field "spec.parts[0].y"',
    )
    const stored = await cluster.send('POST', WIDGETS, body)
    expect(stored.body.spec).toEqual({
      size: 'small',
      replicas: 1,
      free: { any: { thing: 1 } },
      parts: [{ name: 'x' }],
    })
    expect(String(stored.headers.warning)).toContain('unknown field \\"spec.colour\\"')
  })

  it.each([
    [{ size: 'huge' }, 'spec.size: Unsupported value: "huge": supported values: "small", "large"'],
    [{}, 'spec.size: Required value'],
    [
      { size: 'small', replicas: '3' },
      '[spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: 3 is of the type string, expected int64]',
    ],
    [{ size: null }, 'spec.size: Required value'],
    [{ size: 'small', code: 'ABCDEFG' }, 'spec.code: Too long: may not be more than 5 bytes'],
    [
      { size: 5 },
      '[spec.size: Invalid value: "integer": spec.size in body must be of type string: "integer", spec.size: Unsupported value: 5: supported values: "small", "large"]',
    ],
    [
      { size: 'small', replicas: 11 },
      'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
    ],
    [
      { size: 'small', replicas: 0 },
      'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
    ],
    [
      { size: 'small', code: 'A1' },
      'spec.code: Invalid value: "A1": spec.code in body should match \'^[a-z]+$\'',
    ],
    [{ size: 'small', code: 'abcdef' }, 'spec.code: Too long: may not be more than 5 bytes'],
    [
      { size: 'small', parts: [{ name: 'a' }, { name: 'a' }] },
      'spec.parts[1]: Duplicate value: map[string]interface {}{"name":"a"}',
    ],
    [
      { size: 'small', parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
      'spec.parts: Too many: 3: must have at most 2 items',
    ],
  ])('are refused where they break their schema: %j', async (spec, words) => {
    await establish()
    const { status, body } = await cluster.send('POST', WIDGETS, widget('a', spec))
    expect(status).toBe(422)
    expect(body.message).toBe(`Widget.example.com "a" is invalid: ${words}`)
  })

  it('keep their status for the status subresource, and count generations', async () => {
    await establish()
    const created = await cluster.send('POST', WIDGETS, {
      ...widget('a'),
      status: { ready: true },
    })
    expect(created.body.status).toBeUndefined()
    const put = await cluster.send('PUT', `${WIDGETS}/a/status`, {
      ...created.body,
      spec: { size: 'large' },
      status: { ready: true },
    })
    expect(put.body).toMatchObject({ spec: { size: 'small' }, status: { ready: true } })
    expect(put.body.metadata.generation).toBe(1)
    const patched = await cluster.send(
      'PATCH',
      `${WIDGETS}/a`,
      { spec: { size: 'large' }, status: { ready: false } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(patched.body).toMatchObject({ spec: { size: 'large' }, status: { ready: true } })
    expect(patched.body.metadata.generation).toBe(2)
  })

  it('are scaled along the paths of their definition', async () => {
    await establish()
    await cluster.send('POST', WIDGETS, widget('a'))
    const { body } = await cluster.send(
      'PATCH',
      `${WIDGETS}/a/scale`,
      { spec: { replicas: 3 } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 3 },
      status: { replicas: 0 },
    })
    expect((await cluster.send('GET', `${WIDGETS}/a`)).body.spec.replicas).toBe(3)
  })

  it('are applied by several managers, keyed lists item by item', async () => {
    await establish()
    const apply = (manager: string, spec: unknown, force = false) =>
      cluster.send(
        'PATCH',
        `${WIDGETS}/a?fieldManager=${manager}&force=${force}`,
        { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec },
        { 'content-type': 'application/apply-patch+yaml' },
      )
    expect((await apply('one', { size: 'small', parts: [{ name: 'x', weight: 1 }] })).status).toBe(
      201,
    )
    const second = await apply('two', { size: 'small', parts: [{ name: 'y', weight: 2 }] })
    expect(second.body.spec.parts).toEqual([
      { name: 'y', weight: 2 },
      { name: 'x', weight: 1 },
    ])
    const conflict = await apply('two', { size: 'large' })
    expect(conflict.status).toBe(409)
    expect(conflict.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.size',
    )
    const forced = await apply('two', { size: 'large' }, true)
    expect(forced.body.spec).toMatchObject({ size: 'large', parts: [{ name: 'x', weight: 1 }] })
  })

  it('do not take strategic merge patches', async () => {
    await establish()
    await cluster.send('POST', WIDGETS, widget('a'))
    const { status, body } = await cluster.send(
      'PATCH',
      `${WIDGETS}/a`,
      { spec: { size: 'large' } },
      { 'content-type': 'application/strategic-merge-patch+json' },
    )
    expect(status).toBe(415)
    expect(body.message).toContain(
      'accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    )
  })

  it('have the columns of their definition', async () => {
    await establish()
    await cluster.send('POST', WIDGETS, widget('a'))
    const { body } = await cluster.send('GET', WIDGETS, undefined, { accept: TABLE })
    expect(
      body.columnDefinitions.map(({ name, type, priority }: Record<string, unknown>) => [
        name,
        type,
        priority,
      ]),
    ).toEqual([
      ['Name', 'string', 0],
      ['Size', 'string', 0],
      ['Replicas', 'integer', 1],
      ['Age', 'date', 0],
    ])
    expect(body.rows[0].cells).toEqual(['a', 'small', 1, expect.any(String)])
  })

  it('are watched, and selected by labels', async () => {
    await establish()
    const gone = new AbortController()
    const { body } = await cluster.api.handle(
      requestOf('GET', `${WIDGETS}?watch=true&labelSelector=on`, undefined, {}, gone.signal),
    )
    await cluster.send('POST', WIDGETS, widget('other'))
    await cluster.send('POST', WIDGETS, {
      ...widget('a'),
      metadata: { name: 'a', labels: { on: 'x' } },
    })
    const reader = (body as AsyncIterable<string>)[Symbol.asyncIterator]()
    const { value } = await reader.next()
    expect(JSON.parse(String(value).split('\n')[0] ?? '')).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'a' } },
    })
    gone.abort()
  })

  it('are explained by an OpenAPI document whose hash changes with the definition', async () => {
    await establish()
    const index = async () =>
      (await cluster.send('GET', '/openapi/v3')).body.paths['apis/example.com/v1']
    const before = (await index()).serverRelativeURL
    const { body } = await cluster.send('GET', before)
    expect(body.components.schemas['com.example.v1.Widget']).toMatchObject({
      properties: {
        apiVersion: { type: 'string' },
        metadata: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
        },
        spec: { description: 'What the widget should be.' },
      },
      'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'Widget', version: 'v1' }],
    })
    await cluster.send(
      'PATCH',
      `${DEFINITIONS}/widgets.example.com`,
      [
        {
          op: 'add',
          path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/extra',
          value: { type: 'string' },
        },
      ],
      { 'content-type': 'application/json-patch+json' },
    )
    expect((await index()).serverRelativeURL).not.toBe(before)
  })

  it('are served in several versions and stored in one', async () => {
    const versions = [
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        schema: { openAPIV3Schema: schema },
        deprecated: true,
      },
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
      { name: 'v2alpha1', served: false, storage: false, schema: { openAPIV3Schema: schema } },
    ]
    await establish(definition({ versions }))
    expect((await cluster.send('GET', '/apis/example.com')).body.versions).toEqual([
      { groupVersion: 'example.com/v1', version: 'v1' },
      { groupVersion: 'example.com/v1beta1', version: 'v1beta1' },
    ])
    const beta = '/apis/example.com/v1beta1/namespaces/default/widgets'
    const created = await cluster.send('POST', beta, {
      ...widget('a'),
      apiVersion: 'example.com/v1beta1',
    })
    expect(created.body.apiVersion).toBe('example.com/v1beta1')
    expect(String(created.headers.warning)).toContain('example.com/v1beta1 Widget is deprecated')
    expect((await cluster.send('GET', `${WIDGETS}/a`)).body.apiVersion).toBe('example.com/v1')
    expect((await cluster.send('GET', `${beta}/a`)).body.apiVersion).toBe('example.com/v1beta1')
    expect(cluster.save().objects.find(({ kind }) => kind === 'Widget')?.apiVersion).toBe(
      'example.com/v1',
    )
    expect(
      (await cluster.send('GET', '/apis/example.com/v2alpha1/namespaces/default/widgets')).status,
    ).toBe(404)
  })

  it('may be cluster-wide', async () => {
    await establish(definition({ scope: 'Cluster' }))
    const { status, body } = await cluster.send('POST', '/apis/example.com/v1/widgets', widget('a'))
    expect(status).toBe(201)
    expect(body.metadata.namespace).toBeUndefined()
    expect((await cluster.send('GET', WIDGETS)).status).toBe(404)
  })

  it('own and are owned: the garbage collector knows them', async () => {
    await establish()
    const { body } = await cluster.send('POST', WIDGETS, widget('a'))
    const maps = '/api/v1/namespaces/default/configmaps'
    await cluster.send('POST', maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'owned',
        ownerReferences: [
          { apiVersion: 'example.com/v1', kind: 'Widget', name: 'a', uid: body.metadata.uid },
        ],
      },
    })
    await cluster.send('DELETE', `${WIDGETS}/a`)
    await expect.poll(async () => (await cluster.send('GET', `${maps}/owned`)).status).toBe(404)
  })

  it('go with their namespace', async () => {
    await establish()
    await cluster.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'lab' },
    })
    await cluster.send('POST', '/apis/example.com/v1/namespaces/lab/widgets', widget('a'))
    await cluster.send('DELETE', '/api/v1/namespaces/lab')
    await expect
      .poll(async () => (await cluster.send('GET', '/api/v1/namespaces/lab')).status)
      .toBe(404)
    expect((await cluster.send('GET', '/apis/example.com/v1/widgets')).body.items).toEqual([])
  })

  it('come back with a saved cluster', async () => {
    await establish()
    await cluster.send('POST', WIDGETS, widget('a'))
    const again = openTestCluster({ saved: JSON.parse(JSON.stringify(cluster.save())) })
    expect((await again.send('GET', `${WIDGETS}/a`)).body.spec).toEqual({
      size: 'small',
      replicas: 1,
    })
    await again.close()
  })
})

const MERGE = { 'content-type': 'application/merge-patch+json' }
const change = (name: string, body: unknown, part = '') =>
  cluster.send('PATCH', `${WIDGETS}/${name}${part}`, body, MERGE)

describe('when the schema changes', () => {
  const narrower = {
    ...schema,
    properties: {
      spec: {
        ...schema.properties.spec,
        properties: {
          ...schema.properties.spec.properties,
          size: { type: 'string', enum: ['large'] },
          colour: { type: 'string', default: 'red' },
          parts: {
            ...schema.properties.spec.properties.parts,
            items: {
              ...schema.properties.spec.properties.parts.items,
              properties: { name: { type: 'string' }, weight: { type: 'integer', minimum: 5 } },
            },
          },
        },
      },
      status: {
        type: 'object',
        properties: { replicas: { type: 'integer', maximum: 1 }, text: { type: 'string' } },
      },
    },
  }
  beforeEach(async () => {
    await establish()
    const parts = [{ name: 'a', weight: 1 }]
    await cluster.send('POST', WIDGETS, widget('a', { size: 'small', parts }))
    await change('a', { status: { replicas: 2 } }, '/status')
    const url = `${DEFINITIONS}/widgets.example.com`
    await cluster.send(
      'PATCH',
      url,
      [
        {
          op: 'replace',
          path: '/spec/versions/0/schema/openAPIV3Schema',
          value: narrower,
        },
      ],
      { 'content-type': 'application/json-patch+json' },
    )
  })

  it('an object keeps what was right before, as long as nobody changes it', async () => {
    expect((await change('a', { metadata: { labels: { a: 'b' } } })).status).toBe(200)
    expect((await change('a', { spec: { replicas: 3 } })).status).toBe(200)
    const parts = [
      { name: 'a', weight: 1 },
      { name: 'b', weight: 1 },
    ]
    expect((await change('a', { spec: { parts } })).body.message).toBe(
      'Widget.example.com "a" is invalid: spec.parts[1].weight: Invalid value: 1: spec.parts[1].weight in body should be greater than or equal to 5',
    )
    expect((await change('a', { spec: { size: 'huge' } })).status).toBe(422)
    expect((await change('a', { status: { text: 'x' } }, '/status')).status).toBe(200)
    expect((await change('a', { status: { replicas: 3 } }, '/status')).body.message).toBe(
      'Widget.example.com "a" is invalid: status.replicas: Invalid value: 3: replicas in body should be less than or equal to 1',
    )
  })

  it('an object has the new defaults when it is read', async () => {
    const { body } = await cluster.send('GET', `${WIDGETS}/a`)
    expect(body.spec.colour).toBe('red')
    expect(body.metadata.generation).toBe(1)
  })
})

describe('a version that is deprecated', () => {
  it('says which one to use instead, and its objects have the defaults of the others there', async () => {
    const [stored] = definition().spec.versions
    await establish(
      definition({
        versions: [
          stored,
          {
            name: 'v1beta1',
            served: true,
            storage: false,
            deprecated: true,
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      }),
    )
    const created = await cluster.send('POST', WIDGETS.replace('v1', 'v1beta1'), {
      ...widget('old'),
      apiVersion: 'example.com/v1beta1',
    })
    expect(created.headers.warning).toEqual([
      '299 - "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"',
    ])
    expect((await cluster.send('GET', `${WIDGETS}/old`)).body.spec.replicas).toBe(1)
    const table = await cluster.send('GET', WIDGETS, undefined, { accept: TABLE })
    expect(table.body.rows[0].cells.slice(0, 3)).toEqual(['old', 'small', 1])
  })
})

describe('a definition that is being deleted', () => {
  it('lets nobody make new objects', async () => {
    await establish()
    const held = { ...widget('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } }
    await cluster.send('POST', WIDGETS, held)
    await cluster.send('DELETE', `${DEFINITIONS}/widgets.example.com`)
    await cluster.until(DEFINITIONS, ({ object }) =>
      (object.status?.conditions ?? []).some(
        (condition: { type: string }) => condition.type === 'Terminating',
      ),
    )
    const { status, body } = await cluster.send('POST', WIDGETS, widget('late'))
    expect([status, body.reason, body.message]).toEqual([
      405,
      'MethodNotAllowed',
      'create not allowed while custom resource definition is terminating',
    ])
  })
})

it('a finalizer without a domain is warned of, once', async () => {
  await establish()
  const held = { ...widget('held'), metadata: { name: 'held', finalizers: ['hold', 'b.c'] } }
  const { headers } = await cluster.send('POST', WIDGETS, held)
  const words = 'to avoid accidental conflicts with other finalizer writers'
  expect(headers.warning).toEqual([
    `299 - "metadata.finalizers: \\"b.c\\": prefer a domain-qualified finalizer name including a path (/) ${words}"`,
    `299 - "metadata.finalizers: \\"hold\\": prefer a domain-qualified finalizer name ${words}"`,
  ])
  const changed = await change('held', { metadata: { labels: { a: 'b' } } })
  expect(changed.headers.warning).toBeUndefined()
})

it('a field that is not selectable is named as the server names it', async () => {
  await establish()
  const { body } = await cluster.send('GET', `${WIDGETS}?fieldSelector=spec.size%3Dsmall`)
  expect(body.message).toContain('field label not supported: spec.size')
})

it.each([
  ['ipv4', '10.0.0.1', '10.0.0.256'],
  ['ipv6', 'fe80::1', '1:2:3'],
  ['cidr', '10.0.0.0/8', '10.0.0.0'],
  ['mac', '00:00:5e:00:53:01', '00:00'],
  ['duration', '1h30m', 'soon'],
  ['email', 'a@example.com', 'a'],
  ['uri', 'https://example.com/a', 'a'],
  ['hostname', 'example.com', '-'],
  ['uuid', '8bfeb902-0000-4000-8000-000000000000', '8'],
  ['date', '2026-11-30', '30.11.2026'],
])('the format %s is checked', async (format, good, bad) => {
  const code = { type: 'string', format }
  const own = { type: 'object', properties: { spec: { type: 'object', properties: { code } } } }
  await establish(definition({}, { schema: { openAPIV3Schema: own } }))
  expect((await cluster.send('POST', WIDGETS, widget('good', { code: good }))).status).toBe(201)
  expect((await cluster.send('POST', WIDGETS, widget('bad', { code: bad }))).body.message).toBe(
    `Widget.example.com "bad" is invalid: spec.code: Invalid value: "${bad}": spec.code in body must be of type ${format}: "${bad}"`,
  )
})

it('who applies a custom resource owns what they applied, not what is filled in', async () => {
  await establish()
  await cluster.send('POST', WIDGETS, widget('a', { size: 'small', replicas: 7 }))
  const apply = { 'content-type': 'application/apply-patch+yaml' }
  const { status, body } = await cluster.send(
    'PATCH',
    `${WIDGETS}/a?fieldManager=me`,
    widget('a', { size: 'small' }),
    apply,
  )
  expect([status, body.spec.replicas]).toEqual([200, 7])
  const [own] = body.metadata.managedFields
  expect([own.manager, own.fieldsV1]).toEqual(['me', { 'f:spec': { 'f:size': {} } }])
  const made = await cluster.send(
    'PATCH',
    `${WIDGETS}/b?fieldManager=me`,
    widget('b', { size: 'small' }),
    apply,
  )
  expect(made.body.spec.replicas).toBe(1)
})
