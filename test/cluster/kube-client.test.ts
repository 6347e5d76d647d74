import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import type { KubeClient, RemoteStreams } from '../../src/kube/client.ts'
import {
  failure,
  json,
  openScriptedServer,
  type ScriptedServer,
} from './support/scripted-server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(
  script: Parameters<typeof openScriptedServer>[0],
): Promise<{ server: ScriptedServer; client: KubeClient }> {
  const server = await openScriptedServer(script)
  closers.push(() => server.close())
  const client = await openKubeClient({ kubeconfig: { text: server.kubeconfig } })
  closers.push(() => client.close())
  return { server, client }
}

function collect() {
  let stdout = ''
  let stderr = ''
  const streams: RemoteStreams = {
    stdout: (chunk) => {
      stdout += Buffer.from(chunk).toString()
    },
    stderr: (chunk) => {
      stderr += Buffer.from(chunk).toString()
    },
  }
  return {
    streams,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
  }
}

const channel = (number: number, text: string) =>
  Buffer.concat([Buffer.of(number), Buffer.from(text)])
const pods = { apiVersion: 'v1', plural: 'pods', namespace: 'shop' }
const target = { namespace: 'shop', pod: 'web' }

describe('requests', () => {
  test('carry the token over trusted TLS and use one connection for many', async () => {
    const { server, client } = await open({
      onRequest: (_request, response) => json(response, 200, { kind: 'PodList', items: [] }),
    })
    await client.list(pods)
    await client.list(pods, { labelSelector: 'app=web' })
    expect(server.requests.map((request) => request.url)).toEqual([
      '/api/v1/namespaces/shop/pods',
      '/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb',
    ])
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer open-sesame',
      'user-agent': 'netpol-lab',
    })
    expect(new Set(server.requests.map((request) => request.socket)).size).toBe(1)
  })

  test('reject with the Status of the server, and find nothing where it answers 404', async () => {
    const { client } = await open({
      onRequest: (_request, response) =>
        json(response, 404, failure(404, 'NotFound', 'pods "web" not found')),
    })
    await expect(client.get({ ...pods, name: 'web' })).rejects.toMatchObject({
      name: 'KubeStatusError',
      reason: 'NotFound',
      message: 'pods "web" not found',
    })
    await expect(client.find({ ...pods, name: 'web' })).resolves.toBeUndefined()
  })

  test('make a Status of an answer that no API server gave', async () => {
    const { client } = await open({
      onRequest: (_request, response) => response.writeHead(503).end('proxy is out\n'),
    })
    await expect(client.list(pods)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      code: 503,
      message: 'proxy is out',
    })
  })

  test('hand on warnings of a write and its options', async () => {
    const { server, client } = await open({
      onRequest: (_request, response, body) => {
        response.setHeader('Warning', ['299 - "a \\"quoted\\" one"', '299 - "two"'])
        json(response, 201, JSON.parse(body))
      },
    })
    const warnings: string[] = []
    await client.create(
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } },
      {
        dryRun: true,
        fieldManager: 'kubectl-run',
        fieldValidation: 'Strict',
        onWarning: (text) => warnings.push(text),
      },
    )
    expect(warnings).toEqual(['a "quoted" one', 'two'])
    expect(server.requests[0]?.url).toBe(
      '/api/v1/namespaces/shop/pods?fieldManager=kubectl-run&fieldValidation=Strict&dryRun=All',
    )
  })

  test('ask discovery for the path of a kind that the lab does not know', async () => {
    const { server, client } = await open({
      onRequest: (request, response, body) => {
        if (request.method === 'POST') json(response, 201, JSON.parse(body))
        else {
          json(response, 200, {
            kind: 'APIResourceList',
            resources: [
              { name: 'widgets/status', kind: 'Widget', namespaced: false },
              { name: 'widgets', kind: 'Widget', namespaced: false },
            ],
          })
        }
      },
    })
    await client.create({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } })
    expect(server.requests.map((request) => request.url)).toEqual([
      '/apis/example.com/v1',
      '/apis/example.com/v1/widgets',
    ])
    await expect(
      client.create({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'a' } }),
    ).rejects.toThrow('no matches for kind "Gadget" in version "example.com/v1"')
  })

  test('read again once when an idle connection is cut, and never write twice', async () => {
    let cut = true
    const { server, client } = await open({
      onRequest: (request, response) => {
        if (cut) {
          cut = false
          request.socket.destroy()
        } else json(response, 200, { kind: 'PodList', items: [] })
      },
    })
    await expect(client.list(pods)).resolves.toMatchObject({ items: [] })
    cut = true
    await expect(client.delete({ ...pods, name: 'web' })).rejects.toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
    })
    expect(server.requests.map((request) => request.method)).toEqual(['GET', 'GET', 'DELETE'])
  })

  test('end with the reason of an abort', async () => {
    const controller = new AbortController()
    const { client } = await open({ onRequest: () => controller.abort(new Error('enough')) })
    await expect(client.list(pods, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('say that nobody answers, with the address and what to do', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const { server } = await open({})
    const client = await openKubeClient({
      kubeconfig: { text: server.kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`) },
    })
    const error = await client.list(pods).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
      why: `https://127.0.0.1:${port}: connection refused`,
    })
    await expect(client.exec(target, ['true'], collect().streams)).rejects.toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
    })
  })

  test('do not trust another certificate', async () => {
    const [one, two] = [await open({}), await open({})]
    const client = await openKubeClient({
      kubeconfig: { text: one.server.kubeconfig.replace(one.server.server, two.server.server) },
    })
    await expect(client.list(pods)).rejects.toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
      why: expect.stringContaining('does not trust the certificate'),
    })
  })
})

describe('watch', () => {
  test('hands on events that come in pieces and resolves when the server ends it', async () => {
    const line = (type: string, name: string) =>
      `${JSON.stringify({ type, object: { kind: 'Pod', metadata: { name } } })}\n`
    const { server, client } = await open({
      onRequest: (_request, response) => {
        const text = Buffer.from(line('ADDED', 'wéb') + line('DELETED', 'wéb'))
        response.writeHead(200)
        const at = text.indexOf(0xc3) + 1
        response.write(text.subarray(0, at), () => {
          response.end(text.subarray(at))
        })
      },
    })
    const seen: string[] = []
    await client.watch(
      pods,
      { resourceVersion: '7', signal: new AbortController().signal },
      (event) => seen.push(`${event.type} ${event.object.metadata.name}`),
    )
    expect(seen).toEqual(['ADDED wéb', 'DELETED wéb'])
    expect(server.requests[0]?.url).toContain(
      'watch=true&allowWatchBookmarks=true&resourceVersion=7',
    )
  })

  test('rejects with Gone whether it comes as an event or as the answer', async () => {
    const gone = failure(410, 'Expired', 'too old resource version: 1 (9)')
    let asEvent = true
    const { client } = await open({
      onRequest: (_request, response) => {
        if (asEvent) response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`)
        else json(response, 410, gone)
      },
    })
    const signal = new AbortController().signal
    await expect(client.watch(pods, { signal }, () => {})).rejects.toMatchObject({ code: 410 })
    asEvent = false
    await expect(client.watch(pods, { signal }, () => {})).rejects.toMatchObject({ code: 410 })
  })

  test('resolves on an abort while it waits, and when the connection breaks off', async () => {
    const controller = new AbortController()
    let cut = false
    const { client } = await open({
      onRequest: (request, response) => {
        response.writeHead(200)
        response.write('{"type":"BOOKMARK","object":{}}\n{"type":"ADD', () => {
          if (cut) request.socket.destroy()
        })
      },
    })
    await client.watch(pods, { signal: controller.signal }, () => controller.abort())
    cut = true
    await client.watch(pods, { signal: new AbortController().signal }, () => {})
  })
})

describe('exec and attach', () => {
  test('keep the streams apart and read the exit code from the Status', async () => {
    const { server, client } = await open({
      onSocket: (socket) => {
        socket.send(channel(1, ''))
        socket.send(channel(1, 'out'))
        socket.send(channel(2, 'err'))
        socket.send(
          channel(
            3,
            JSON.stringify({
              ...failure(500, 'NonZeroExitCode', 'command terminated with non-zero exit code'),
              details: { causes: [{ reason: 'ExitCode', message: '7' }] },
            }),
          ),
        )
      },
    })
    const output = collect()
    await expect(
      client.exec({ ...target, container: 'c' }, ['sh', '-c', 'exit 7'], output.streams),
    ).resolves.toEqual({ kind: 'exited', code: 7 })
    expect([output.stdout, output.stderr]).toEqual(['out', 'err'])
    expect(server.requests[0]?.url).toBe(
      '/api/v1/namespaces/shop/pods/web/exec?command=sh&command=-c&command=exit+7&container=c&stdin=false&stdout=true&stderr=true&tty=false',
    )
    expect(server.requests[0]?.headers.authorization).toBe('Bearer open-sesame')
  })

  test('send input, its end, and window sizes', async () => {
    const frames: string[] = []
    const { client } = await open({
      onSocket: (socket) => {
        socket.on('message', (data: Buffer) => {
          frames.push(`${data[0]}:${data[0] === 255 ? data[1] : data.subarray(1).toString()}`)
          if (data[0] === 255) socket.send(channel(3, '{"kind":"Status","status":"Success"}'))
        })
      },
    })
    const exit = await client.attach(target, {
      ...collect().streams,
      stdin: (async function* () {
        yield Buffer.from('ls\r')
      })(),
      tty: { columns: 80, rows: 24 },
      onResize: (listener) => listener({ columns: 100, rows: 30 }),
    })
    expect(exit).toEqual({ kind: 'exited', code: 0 })
    expect(frames).toEqual([
      '4:{"Width":80,"Height":24}',
      '4:{"Width":100,"Height":30}',
      '0:ls\r',
      '255:0',
    ])
  })

  test('tell a failure of the server, a lost connection and an abort apart from an exit', async () => {
    const controller = new AbortController()
    const ways = [
      (socket: { send(data: Buffer): void }) =>
        socket.send(channel(3, JSON.stringify(failure(500, 'InternalError', 'no such program')))),
      (socket: { terminate(): void }) => socket.terminate(),
      () => controller.abort(),
    ]
    const { client } = await open({ onSocket: (socket) => ways.shift()?.(socket) })
    const { streams } = collect()
    await expect(client.exec(target, ['x'], streams)).resolves.toMatchObject({
      kind: 'failed',
      status: { message: 'no such program' },
    })
    await expect(client.exec(target, ['x'], streams)).resolves.toEqual({ kind: 'disconnected' })
    await expect(
      client.exec(target, ['x'], { ...streams, signal: controller.signal }),
    ).resolves.toEqual({ kind: 'disconnected' })
  })

  test('reject with the reason of a refused upgrade, not with the refusal alone', async () => {
    const body = JSON.stringify(failure(404, 'NotFound', 'pods "web" not found'))
    const { client } = await open({
      refuseUpgrade: () =>
        `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    })
    await expect(client.exec(target, ['x'], collect().streams)).rejects.toMatchObject({
      name: 'KubeStatusError',
      message: 'pods "web" not found',
    })
  })
})

describe('logs', () => {
  test('come as text across chunks, follow until an abort, and refuse with a Status', async () => {
    const controller = new AbortController()
    const { client, server } = await open({
      onRequest: (request, response) => {
        if (request.url?.includes('follow')) {
          response.write(Buffer.from([0x68, 0xc3]), () => response.write(Buffer.from([0xa9])))
        } else json(response, 400, failure(400, 'BadRequest', 'container is creating'))
      },
    })
    let text = ''
    await client.logs(target, { follow: true, tailLines: 3, signal: controller.signal }, (more) => {
      text += more
      if (text === 'hé') controller.abort()
    })
    expect(text).toBe('hé')
    expect(server.requests[0]?.url).toBe(
      '/api/v1/namespaces/shop/pods/web/log?follow=true&tailLines=3',
    )
    await expect(client.logs(target, {}, () => {})).rejects.toThrow('container is creating')
  })
})

describe('the kubeconfig', () => {
  test('names a context that is not there, or leads nowhere, with the ones it has', async () => {
    const { server } = await open({})
    for (const context of ['nope', 'dangling']) {
      await expect(
        openKubeClient({ kubeconfig: { text: server.kubeconfig }, context }),
      ).rejects.toMatchObject({
        code: 'ERR_UNKNOWN_CLUSTER',
        why: 'It has: scripted, dangling.',
      })
    }
    await expect(openKubeClient({ kubeconfig: { text: '{' } })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_CLUSTER',
    })
  })
})
