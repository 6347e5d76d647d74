import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeStruct } from '../../../src/simulator/api/schema/decode.ts'
import { decodeProtobuf } from '../../../src/simulator/api/schema/decode-protobuf.ts'
import { structOf } from '../../../src/simulator/api/schema/schema.ts'
import { openTestCluster, requestOf, type TestCluster } from '../support/cluster.ts'

/** Recorded by scripts/kube-types/record-protobuf.mjs from kubectl 1.32. */
interface Recorded {
  readonly command: string
  readonly path: string
  /** Base64 of the protobuf body. */
  readonly body: string
  /** What the same command writes with `--dry-run=client -o json`. */
  readonly object?: { readonly apiVersion: string; readonly kind: string }
}

const RECORDED: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('fixtures/kubectl-protobuf.json', import.meta.url), 'utf8'),
)
const bytesOf = ({ body }: Recorded) => Uint8Array.from(Buffer.from(body, 'base64'))
const recorded = (words: string): Recorded => {
  const found = RECORDED.find(({ command }) => command.startsWith(`kubectl ${words}`))
  if (found === undefined) throw new Error(`nothing recorded of ${words}`)
  return found
}
const normal = (value: unknown, header: { apiVersion: string; kind: string }) =>
  decodeStruct(structOf(header), header.kind, 'v1', value)

describe('protobuf bodies of kubectl 1.32', () => {
  it.each(
    RECORDED.flatMap((entry) =>
      entry.object === undefined ? [] : [{ ...entry, object: entry.object }],
    ),
  )('$command carries the object that kubectl prints as JSON', (entry) => {
    const decoded = normal(decodeProtobuf(bytesOf(entry)), entry.object)
    const expected = normal(entry.object, entry.object)
    expect(expected.unknownFields).toEqual([])
    // kubectl prints the namespace of the command into some objects and sends it in the path alone.
    expect(decoded.value).toEqual({ ...expected.value, metadata: expect.anything() })
    expect(decoded.value.metadata).toMatchObject({ name: expect.any(String) })
  })

  it('keep what kubectl asks of tokens and of itself', () => {
    expect(decodeProtobuf(bytesOf(recorded('create token')))).toMatchObject({
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      spec: { audiences: ['lab'], expirationSeconds: 600 },
    })
    expect(decodeProtobuf(bytesOf(recorded('auth can-i --list')))).toMatchObject({
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'default' },
    })
    expect(decodeProtobuf(bytesOf(recorded('auth whoami')))).toMatchObject({
      kind: 'SelfSubjectReview',
    })
  })
})

/** Written by scripts/kube-types/encode-protobuf with Kubernetes' own code: every field of every kind, and none of them. */
const ENCODED: readonly {
  readonly kind: string
  readonly body: string
  readonly object: { readonly apiVersion: string; readonly kind: string }
}[] = JSON.parse(
  gunzipSync(readFileSync(new URL('fixtures/go-protobuf.json.gz', import.meta.url))).toString(),
)

describe('protobuf written by Go', () => {
  it.each(ENCODED)('of $kind is the object that Go writes as JSON', ({ body, object }) => {
    const decoded = normal(decodeProtobuf(Buffer.from(body, 'base64')), object)
    expect(decoded).toEqual(normal(object, object))
    expect(decoded.unknownFields).toEqual([])
  })
})

describe('a server that gets protobuf', () => {
  let cluster: TestCluster
  beforeAll(() => {
    cluster = openTestCluster()
  })
  afterAll(() => cluster.close())

  const post = async (path: string, body: Uint8Array) => {
    const request = {
      ...requestOf('POST', path, undefined, {
        'content-type': 'application/vnd.kubernetes.protobuf',
        accept: 'application/vnd.kubernetes.protobuf,application/json',
      }),
      body,
    }
    const { status, body: text } = await cluster.api.handle(request)
    return { status, body: JSON.parse(String(text)) }
  }

  it('stores the object and answers in JSON', async () => {
    const entry = recorded('create deployment')
    const { status, body } = await post(`${entry.path}?fieldValidation=Strict`, bytesOf(entry))
    expect(status).toBe(201)
    expect(body).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' }, creationTimestamp: expect.any(String) },
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                name: 'nginx',
                image: 'nginx',
                ports: [{ containerPort: 80, protocol: 'TCP' }],
              },
            ],
          },
        },
      },
    })
    expect((await cluster.send('GET', `${entry.path}/web`)).body.spec).toEqual(body.spec)
  })

  it('reads int-or-string ports, bytes and empty values', async () => {
    const service = await post(
      '/api/v1/namespaces/default/services',
      bytesOf(recorded('create service nodeport')),
    )
    expect(service.body.spec.ports).toEqual([
      { name: '80-http', nodePort: 30080, port: 80, protocol: 'TCP', targetPort: 'http' },
    ])
    const secret = await post(
      '/api/v1/namespaces/default/secrets',
      bytesOf(recorded('create secret generic')),
    )
    expect(secret.body.data).toEqual({ user: Buffer.from('admin').toString('base64') })
    const map = await post(
      '/api/v1/namespaces/default/configmaps',
      bytesOf(recorded('create configmap')),
    )
    expect(map.body.data).toEqual({ a: '1', b: '' })
  })

  it('validates as it validates JSON', async () => {
    const entry = recorded('create namespace')
    const broken = Buffer.from(bytesOf(entry))
    broken.set(Buffer.from('La'), broken.indexOf('lab'))
    const { status, body } = await post(entry.path, broken)
    expect(status).toBe(422)
    expect(body.message).toContain(
      'Namespace "Lab" is invalid: metadata.name: Invalid value: "Lab"',
    )
  })

  it.each([
    ['no prefix', Buffer.from('{}'), 'does not appear to be a protobuf message'],
    ['a message that ends early', bytesOf(recorded('create configmap')).subarray(0, 40), 'EOF'],
    [
      'a kind that nobody knows',
      Buffer.from('6b387300 0a0b 0a0278 31 120544 6f6e7574'.replaceAll(' ', ''), 'hex'),
      'registered',
    ],
  ])('refuses %s with a Status', async (_what, bytes, words) => {
    const { status, body } = await post('/api/v1/namespaces/default/configmaps', bytes)
    expect(status).toBe(400)
    expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest' })
    expect(body.message).toContain(words)
  })

  it('refuses an object of another kind', async () => {
    const { status } = await post(
      '/api/v1/namespaces/default/configmaps',
      bytesOf(recorded('create namespace')),
    )
    expect(status).toBe(400)
  })
})
