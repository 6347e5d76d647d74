import { createFastClock } from '../../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
  type SimulatedClusterOptions,
} from '../../../src/simulator/simulated-cluster.ts'
import { readAnswer, requestOf } from './cluster.ts'

/** A whole cluster on the fast clock with a namespace `shop`, for tests of what pods do there. */
export interface Shop {
  readonly cluster: SimulatedCluster
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is looked at field by field
  send(method: string, url: string, body?: unknown, type?: string): Promise<any>
  /** Looks at a pod after every change until it passes the test. */
  until(
    name: string,
    test: (pod: ReturnType<typeof JSON.parse>) => boolean,
  ): Promise<ReturnType<typeof JSON.parse>>
  /** Creates a pod and gives what a container of it has printed when the pod has ended. */
  printedBy(
    pod: { readonly metadata: { readonly name: string } },
    container?: string,
  ): Promise<string>
  /** Runs a command in a container that runs. */
  exec(name: string, script: string, container?: string): Promise<string>
  /** `Warning Failed …`, oldest first. */
  eventsOf(name: string): Promise<readonly string[]>
  close(): Promise<void>
}

/** Asks again, a turn of the event loop later each time, until the answer passes the test. */
export async function eventually<T>(
  ask: () => Promise<T>,
  test: (answer: T) => boolean,
): Promise<T> {
  while (true) {
    const answer = await ask()
    if (test(answer)) return answer
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export const SHOP = '/api/v1/namespaces/shop'
export const SHOP_PODS = `${SHOP}/pods`

export async function openShop(options: Partial<SimulatedClusterOptions> = {}): Promise<Shop> {
  const defects: unknown[] = []
  const cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
    ...options,
  })
  const send: Shop['send'] = async (method, url, body, type) =>
    (
      await readAnswer(
        await cluster.api.handle(
          requestOf(method, url, body, type === undefined ? {} : { 'content-type': type }),
        ),
      )
    ).body
  if (options.saved === undefined) {
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
  }
  const until: Shop['until'] = async (name, test) => {
    while (true) {
      const changed = new Promise<void>((resolve) => {
        const stop = cluster.onChange(() => {
          stop()
          resolve()
        })
      })
      const pod = await send('GET', `${SHOP_PODS}/${name}`)
      if (test(pod)) return pod
      await changed
    }
  }
  return {
    cluster,
    send,
    until,
    async printedBy(pod, container) {
      const created = await send('POST', SHOP_PODS, pod)
      if (created.kind !== 'Pod') throw new Error(JSON.stringify(created))
      const { name } = pod.metadata
      await until(name, ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed')
      const query = container === undefined ? '' : `?container=${container}`
      return send('GET', `${SHOP_PODS}/${name}/log${query}`)
    },
    async exec(name, script, container) {
      const query = new URLSearchParams({ stdout: 'true', stderr: 'true' })
      for (const word of ['sh', '-c', script]) query.append('command', word)
      if (container !== undefined) query.append('container', container)
      const command = await cluster.api.connect(
        requestOf('GET', `${SHOP_PODS}/${name}/exec?${query}`),
      )
      if ('status' in command) throw new Error((await readAnswer(command)).body.message)
      if (command.kind !== 'remote-command') throw new TypeError(command.kind)
      let out = ''
      const take = (chunk: Uint8Array) => {
        out += new TextDecoder().decode(chunk)
      }
      await command.start({ stdout: take, stderr: take }).ended
      return out
    },
    async eventsOf(name) {
      const { items } = await send(
        'GET',
        `${SHOP}/events?fieldSelector=involvedObject.name%3D${name}`,
      )
      return items.map(
        (event: { type: string; reason: string; message: string }) =>
          `${event.type} ${event.reason} ${event.message}`,
      )
    },
    async close() {
      await cluster.close()
      if (defects.length > 0) throw new AggregateError(defects, String(defects[0]))
    },
  }
}
