// The server that `npm run bench:api` measures, in a process of its own: the simulated cluster, or with `bare` a node:https server that
// answers with the bytes it is told. It is asked over the channel of its parent.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { createCertificate } from '../../src/simulator/api/certificate.ts'
import { createSimulatedCluster } from '../../src/simulator/simulated-cluster.ts'

type Question =
  | { readonly ask: 'usage' }
  | { readonly ask: 'heap' }
  /** `bare` alone: what every request is answered with, and what a POST sends to every open watch first. */
  | { readonly ask: 'answer'; readonly body: string; readonly event: string }

const tell = (message: object) => process.send?.(message)

if (process.argv[2] === 'bare') {
  const { key, cert } = await createCertificate()
  let body = Buffer.alloc(0)
  let event = ''
  const watchers = new Set<NodeJS.WritableStream>()
  const server = createServer({ key, cert }, (request, response) => {
    request.resume()
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      if (request.url?.includes('watch=true')) {
        watchers.add(response)
        response.on('close', () => watchers.delete(response))
        response.flushHeaders()
        return
      }
      if (request.method !== 'GET') for (const watcher of watchers) watcher.write(event)
      response.setHeader('content-length', body.byteLength)
      response.end(body)
    })
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    tell({ port, token: 'none' })
  })
  answerWith((question) => {
    if (question.ask !== 'answer') return {}
    body = Buffer.from(question.body)
    event = question.event
    return {}
  })
} else {
  const cluster = createSimulatedCluster({ clock: createRealClock() })
  const { server, token } = await cluster.listen()
  answerWith(() => ({}))
  tell({ port: Number(new URL(server).port), token })
}

function answerWith(other: (question: Question) => object): void {
  process.on('message', (question: Question) => {
    if (question.ask === 'usage') {
      const { user, system } = process.cpuUsage()
      tell({ cpuMs: (user + system) / 1000 })
    } else if (question.ask === 'heap') {
      for (let round = 0; round < 4; round++) globalThis.gc?.()
      const { heapUsed, external, arrayBuffers } = process.memoryUsage()
      tell({ bytes: heapUsed + external, arrayBuffers })
    } else tell(other(question))
  })
}
