import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import type { ApiResponse } from '../../../src/simulator/api/request.ts'
import { duplicateFields } from '../../../src/simulator/api/schema/duplicate-fields.ts'
import { readClientFrame } from '../../../src/simulator/api/streams/channel-protocol.ts'
import { openTestCluster, PODS, podOf, requestOf, type TestCluster } from '../support/cluster.ts'
import {
  bodyBytes,
  contentType,
  GOOD,
  headers,
  isNoDefect,
  key,
  kinds,
  method,
  path,
  query,
  replaceSomewhere,
  runs,
  servedPath,
  value,
} from '../support/random-requests.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = openTestCluster({ clock: createFastClock() })
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
})
afterAll(() => cluster.close())

/** Sends a request, reads a little of a stream, and looks at what came. */
async function probe(verb: string, url: string, body: unknown, headers: Record<string, string>) {
  const gone = new AbortController()
  const request = requestOf(verb, url, body, headers, gone.signal)
  const response = await cluster.api.handle(request)
  expect(
    isNoDefect(response.status, url),
    `${response.status} to ${verb} ${url} ${JSON.stringify(body)}`,
  ).toBe(true)
  if (typeof response.body !== 'string') {
    gone.abort()
    for await (const _chunk of response.body) break
    return
  }
  statusOf(response)
}

/** The code of an answer; a refusal has to be a Status with the same one. */
function statusOf(response: ApiResponse): number {
  if (response.status >= 400) {
    const isYaml = String(response.headers['content-type']).startsWith('application/yaml')
    const text = String(response.body)
    expect(isYaml ? parse(text) : JSON.parse(text)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: response.status,
    })
  }
  return response.status
}

describe('random requests', { timeout: 120_000 }, () => {
  it.each(GOOD)('begin from an object that %s takes', async (url, body) => {
    expect(
      (await cluster.send('POST', `${url}?dryRun=All&fieldValidation=Strict`, body)).status,
    ).toBe(201)
  })

  it('never get a 500 or anything but a Status for a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        query,
        value,
        contentType,
        (verb, where, parameters, body, type) =>
          probe(verb, `${where}?${new URLSearchParams(parameters)}`, body, {
            'content-type': type,
          }),
      ),
      { numRuns: runs(500) },
    )
  })

  it('never get a 500 for any bytes in any place that is served', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        servedPath,
        query,
        headers,
        bodyBytes,
        (verb, where, parameters, sent, bytes) =>
          probe(verb, `${where}?${new URLSearchParams(parameters)}`, bytes, sent),
      ),
      { numRuns: runs(600) },
    )
  })

  it('never get a 500 where they want to be upgraded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(servedPath, path, fc.constantFrom(`${PODS}/web/exec`, `${PODS}/web/attach`)),
        query,
        headers,
        async (where, parameters, sent) => {
          const found = await cluster.api.connect(
            requestOf('GET', `${where}?${new URLSearchParams(parameters)}`, undefined, sent),
          )
          if ('status' in found) expect(statusOf(found)).not.toBe(500)
        },
      ),
      { numRuns: runs(300) },
    )
  })

  it('never break a kind that is created from random content', async () => {
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.dictionary(key, value, { maxKeys: 6 }),
        fc.dictionary(key, value, { maxKeys: 5 }),
        query,
        async ([apiVersion, kind, url], spec, rest, parameters) => {
          const { watch: _watch, ...others } = parameters
          const text = new URLSearchParams(others)
          await probe(
            'POST',
            `${url}?${text}`,
            { ...rest, apiVersion, kind, metadata: { name: 'random' }, spec },
            {},
          )
          await probe(
            'PUT',
            `${url}/random?${text}`,
            { ...rest, apiVersion, kind, metadata: { name: 'random' }, spec },
            {},
          )
          await probe('GET', url ?? '', undefined, {
            accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          })
          await probe('DELETE', `${url}/random`, undefined, {})
        },
      ),
      { numRuns: runs(300) },
    )
  })

  it('never break good objects with one random part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...GOOD),
        fc.infiniteStream(fc.nat()),
        value,
        async ([url, good], picks, part) => {
          const body = structuredClone(good)
          replaceSomewhere(body, part, picks)
          await probe('POST', `${url}?fieldValidation=Strict`, body, {})
          await probe('PUT', `${url}/good`, body, {})
          await probe('PATCH', `${url}/good?fieldManager=x&force=true`, body, {
            'content-type': 'application/apply-patch+yaml',
          })
          await probe('PATCH', `${url}/good`, body, {
            'content-type': 'application/strategic-merge-patch+json',
          })
          await probe('GET', url, undefined, {
            accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          })
          await probe('DELETE', `${url}/good?gracePeriodSeconds=0`, undefined, {})
        },
      ),
      { numRuns: runs(400) },
    )
  })

  it('never break an object that is patched with random content', async () => {
    await fc.assert(
      fc.asyncProperty(
        contentType,
        value,
        fc.constantFrom('', '/status', '/scale'),
        async (type, body, subresource) => {
          await probe(
            'PATCH',
            `${PODS}/web${subresource}?fieldManager=x&force=true&dryRun=All`,
            body,
            { 'content-type': type },
          )
          await probe(
            'PATCH',
            `/apis/apps/v1/namespaces/kube-system/deployments/coredns${subresource}?fieldManager=x&force=true&dryRun=All`,
            body,
            { 'content-type': type },
          )
        },
      ),
      { numRuns: runs(300) },
    )
  })

  it('refuse bodies that are nested without end', async () => {
    const deep = '['.repeat(100_000)
    await probe('POST', PODS, deep, {})
    await probe('PATCH', `${PODS}/web`, deep, {
      'content-type': 'application/strategic-merge-patch+json',
    })
  })
})

describe('random input of the parsers', () => {
  it('finds duplicates in any JSON text without harm', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(Array.isArray(duplicateFields(text))).toBe(true)
      }),
      { numRuns: runs(500) },
    )
  })

  it('reads any frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        readClientFrame(bytes)
      }),
      { numRuns: runs(500) },
    )
  })
})
