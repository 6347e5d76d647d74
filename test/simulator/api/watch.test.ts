import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestCluster, requestOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const MERGE = { 'content-type': 'application/merge-patch+json' }
const map = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
})

type Event = {
  type: string
  object: {
    kind: string
    code?: number
    message?: string
    metadata: { name: string; resourceVersion: string; annotations?: Record<string, string> }
  }
}

/** Opens a watch and reads so many events of it. */
async function watch(query: string, headers: Record<string, string> = {}) {
  const gone = new AbortController()
  const { status, body } = await cluster.api.handle(
    requestOf('GET', `${MAPS}?watch=true&${query}`, undefined, headers, gone.signal),
  )
  if (typeof body === 'string')
    return { status, text: body, take: async () => [], close: () => {}, ended: async () => true }
  const lines: Event[] = []
  const reader = body[Symbol.asyncIterator]()
  const read = async () => {
    const { done, value } = await reader.next()
    for (const line of String(value ?? '').split('\n'))
      if (line !== '') lines.push(JSON.parse(line))
    return done !== true
  }
  return {
    status,
    text: '',
    close: () => gone.abort(),
    async ended() {
      while (await read());
      return true
    },
    async take(count: number) {
      while (lines.length < count && (await read()));
      return lines
        .splice(0, count)
        .map((event) => `${event.type} ${event.object.metadata?.name ?? event.object.code}`)
    },
  }
}

const versionOf = async () => (await cluster.send('GET', MAPS)).body.metadata.resourceVersion

describe('watching', () => {
  it('starts after the version of a list', async () => {
    const from = await versionOf()
    await cluster.send('POST', MAPS, map('a'))
    const stream = await watch(`resourceVersion=${from}`)
    await cluster.send('PATCH', `${MAPS}/a`, { data: { x: 'y' } }, MERGE)
    await cluster.send('DELETE', `${MAPS}/a`)
    expect(await stream.take(3)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    stream.close()
    await stream.ended()
  })

  it('adds and deletes objects that enter and leave a selection', async () => {
    const stream = await watch(`resourceVersion=${await versionOf()}&labelSelector=on%3Dyes`)
    await cluster.send('POST', MAPS, map('a'))
    await cluster.send('PATCH', `${MAPS}/a`, { metadata: { labels: { on: 'yes' } } }, MERGE)
    await cluster.send('PATCH', `${MAPS}/a`, { metadata: { labels: { on: 'no' } } }, MERGE)
    await cluster.send('DELETE', `${MAPS}/a`)
    await cluster.send('POST', MAPS, map('b', { on: 'yes' }))
    expect(await stream.take(3)).toEqual(['ADDED a', 'DELETED a', 'ADDED b'])
    stream.close()
  })

  it('sends what is there first where no version is given', async () => {
    await cluster.send('POST', MAPS, map('a', { mine: 'x' }))
    const stream = await watch('labelSelector=mine')
    expect(await stream.take(1)).toEqual(['ADDED a'])
    stream.close()
  })

  it('sends initial events and a bookmark that ends them', async () => {
    await cluster.send('POST', MAPS, map('a', { mine: 'x' }))
    const stream = await watch(
      'labelSelector=mine&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    )
    expect(await stream.take(2)).toEqual(['ADDED a', 'BOOKMARK undefined'])
    stream.close()
  })

  it('ends after timeoutSeconds', async () => {
    const stream = await watch(`resourceVersion=${await versionOf()}&timeoutSeconds=2`)
    expect(await stream.ended()).toBe(true)
  })

  it('sends bookmarks where they are wanted', async () => {
    const stream = await watch(`resourceVersion=${await versionOf()}&allowWatchBookmarks=true`)
    expect(await stream.take(1)).toEqual(['BOOKMARK undefined'])
    stream.close()
  })

  it('answers 410 inside the stream where the history does not reach back', async () => {
    for (let index = 0; index < 2200; index += 1) {
      await cluster.send('POST', MAPS, map(`m${index}`))
      await cluster.send('DELETE', `${MAPS}/m${index}`)
    }
    const stream = await watch('resourceVersion=1')
    expect(await stream.take(1)).toEqual(['ERROR 410'])
    expect(await stream.ended()).toBe(true)
    const list = await cluster.send('GET', `${MAPS}?resourceVersion=1&resourceVersionMatch=Exact`)
    expect(list.status).toBe(410)
    expect(list.body.reason).toBe('Expired')
  })

  it('stops listening to the store when the client goes away', async () => {
    const stream = await watch(`resourceVersion=${await versionOf()}`)
    stream.close()
    await stream.ended()
    await cluster.send('POST', MAPS, map('a'))
    expect(await stream.take(1)).toEqual([])
  })

  it('sends rows of a table where a table is asked for', async () => {
    await cluster.send('POST', MAPS, map('a', { mine: 'x' }))
    const { body } = await cluster.api.handle(
      requestOf('GET', `${MAPS}?watch=true&labelSelector=mine`, undefined, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      }),
    )
    if (typeof body === 'string') throw new Error(body)
    for await (const line of body) {
      const event = JSON.parse(line.split('\n')[0] ?? '')
      expect(event).toMatchObject({
        type: 'ADDED',
        object: { kind: 'Table', rows: [{ cells: ['a', 0, expect.any(String)] }] },
      })
      break
    }
  })
})
