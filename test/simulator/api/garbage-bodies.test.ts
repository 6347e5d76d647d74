import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kindOf, resourcePath } from '../../../src/kube/kinds.ts'
import { openTestCluster, requestOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeAll(() => {
  cluster = openTestCluster()
})
afterAll(() => cluster.close())

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Anything but a well-formed answer that is the client's fault or a success fails. */
function assertAnswered(
  status: number,
  body: { kind?: string; code?: number; message?: string },
): void {
  expect(status, JSON.stringify(body)).toBeLessThan(500)
  if (status >= 400) {
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect(typeof body.message).toBe('string')
  }
}

const ENCODED: readonly { body: string; object: { apiVersion: string; kind: string } }[] =
  JSON.parse(
    gunzipSync(readFileSync(new URL('fixtures/go-protobuf.json.gz', import.meta.url))).toString(),
  )

describe('protobuf bodies with broken bytes', () => {
  it('are refused or taken, and never break the server', async () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ENCODED),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(), { nil: undefined }),
        async ({ body, object }, changes, cut) => {
          const bytes = Buffer.from(body, 'base64')
          for (const { at, byte } of changes) bytes[at % bytes.length] = byte
          const info = kindOf(object)
          const path = resourcePath({
            apiVersion: object.apiVersion,
            plural: info?.plural ?? 'configmaps',
            ...(info?.namespaced === false ? {} : { namespace: 'default' }),
          })
          const request = {
            ...requestOf('POST', `${path}?dryRun=All`, undefined, {
              'content-type': 'application/vnd.kubernetes.protobuf',
            }),
            body: cut === undefined ? bytes : bytes.subarray(0, cut % bytes.length),
          }
          const answer = await cluster.api.handle(request)
          assertAnswered(answer.status, JSON.parse(String(answer.body)))
        },
      ),
      { numRuns: 600 },
    )
  })
})

const name = fc.constantFrom('a', 'b', 'spec', 'status', 'items', '__proto__', 'constructor', 'x.y')
const text = fc.constantFrom(
  '',
  'a',
  '^[',
  '^a+$',
  'object',
  'string',
  'integer',
  'array',
  'date-time',
)
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record(
      {
        type: fc.constantFrom('string', 'integer', 'number', 'boolean'),
        pattern: text,
        format: text,
        enum: fc.array(fc.oneof(text, fc.integer()), { maxLength: 2 }),
        minimum: fc.integer({ min: -3, max: 3 }),
        maxLength: fc.integer({ min: 0, max: 3 }),
        multipleOf: fc.integer({ min: 0, max: 3 }),
        nullable: fc.boolean(),
        default: fc.oneof(text, fc.integer(), fc.constant(null)),
        'x-kubernetes-int-or-string': fc.boolean(),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
        required: fc.array(name, { maxLength: 2 }),
        'x-kubernetes-preserve-unknown-fields': fc.boolean(),
        'x-kubernetes-embedded-resource': fc.boolean(),
        'x-kubernetes-map-type': fc.constantFrom('atomic', 'granular'),
        oneOf: fc.array(tie('schema'), { maxLength: 2 }),
        not: tie('schema'),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({
      type: fc.constant('object'),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
    }),
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('schema'),
        maxItems: fc.integer({ min: 0, max: 2 }),
        'x-kubernetes-list-type': fc.constantFrom('map', 'set', 'atomic'),
        'x-kubernetes-list-map-keys': fc.array(name, { maxLength: 2 }),
      },
      { requiredKeys: ['type', 'items'] },
    ),
  ),
}))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, 1, -1, 1.5, '', 'a', 'aaaa'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}))

describe('custom kinds of random schemas', () => {
  it('are refused, or serve random objects without ever breaking', async () => {
    let number = 0
    let served = 0
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, schema, { maxKeys: 3 }),
        fc.array(fc.dictionary(name, value, { maxKeys: 3 }), { maxLength: 3 }),
        fc.constantFrom('Ignore', 'Warn', 'Strict'),
        async (properties, objects, mode) => {
          number += 1
          const plural = `k${number}s`
          const made = await cluster.send('POST', DEFINITIONS, {
            apiVersion: 'apiextensions.k8s.io/v1',
            kind: 'CustomResourceDefinition',
            metadata: { name: `${plural}.example.com` },
            spec: {
              group: 'example.com',
              scope: 'Namespaced',
              names: { plural, kind: `K${number}` },
              versions: [
                {
                  name: 'v1',
                  served: true,
                  storage: true,
                  schema: { openAPIV3Schema: { type: 'object', properties } },
                  subresources: { status: {} },
                  additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
                },
              ],
            },
          })
          assertAnswered(made.status, made.body)
          if (made.status !== 201) return
          const path = `/apis/example.com/v1/namespaces/default/${plural}`
          await expect
            .poll(async () => (await cluster.send('GET', path)).status, { interval: 1 })
            .toBe(200)
          served += 1
          for (const [index, content] of objects.entries()) {
            const body = {
              apiVersion: 'example.com/v1',
              kind: `K${number}`,
              metadata: { name: `o${index}` },
            }
            const created = await cluster.send('POST', `${path}?fieldValidation=${mode}`, {
              ...content,
              ...body,
            })
            assertAnswered(created.status, created.body)
            const applied = await cluster.send(
              'PATCH',
              `${path}/o0?fieldManager=x&force=true`,
              { ...content, ...body, metadata: { name: 'o0' } },
              { 'content-type': 'application/apply-patch+yaml' },
            )
            assertAnswered(applied.status, applied.body)
            const patched = await cluster.send('PATCH', `${path}/o0`, content, {
              'content-type': 'application/merge-patch+json',
            })
            assertAnswered(patched.status, patched.body)
          }
          const table = await cluster.send('GET', path, undefined, {
            accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          })
          assertAnswered(table.status, table.body)
          const document = await cluster.send('GET', '/openapi/v3/apis/example.com/v1')
          expect(document.status).toBe(200)
          const gone = await cluster.send('DELETE', `${DEFINITIONS}/${plural}.example.com`)
          assertAnswered(gone.status, gone.body)
        },
      ),
      { numRuns: 80 },
    )
    // Most schemas are good ones, or this would prove little.
    expect(served).toBeGreaterThan(30)
  })
})
