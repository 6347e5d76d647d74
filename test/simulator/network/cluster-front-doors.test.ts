import { Writable } from 'node:stream'
import { Exec, type V1Status } from '@kubernetes/client-node'
import { afterEach, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../../src/simulator/simulated-cluster.ts'
import { kubeConfigOf, PODS, readAnswer, requestOf, SERVICES } from '../support/cluster.ts'

const open: SimulatedCluster[] = []
afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.close()
})

const NODE = '172.18.0.2'

async function createCluster() {
  const defects: unknown[] = []
  const cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
  })
  open.push(cluster)
  const config = kubeConfigOf(await cluster.listen())
  const send = async (method: string, url: string, body?: unknown) => {
    const answer = await readAnswer(await cluster.api.handle(requestOf(method, url, body)))
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
    return answer.body
  }
  /** Waits for changes until what is looked at is there. */
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const stop = cluster.onChange(() => {
          stop()
          resolve()
        })
      })
      const found = await look()
      if (found !== undefined) return found
      await changed
    }
  }
  const run = async (pod: string, line: string): Promise<string> => {
    const chunks: Buffer[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(Buffer.from(chunk))
        done()
      },
    })
    await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec('default', pod, pod, ['sh', '-c', line], stream, stream, null, false, resolve)
        .catch(reject)
    })
    return Buffer.concat(chunks).toString()
  }
  const addPod = async (name: string, spec: object, container: object) => {
    const labels = { app: name.replace(/-\d$/, '') }
    await send('POST', PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: { ...spec, containers: [{ name, ...container }] },
    })
    await until(async () => {
      const pod = await send('GET', `${PODS}/${name}`)
      const ready = pod.status.conditions?.find((one: { type: string }) => one.type === 'Ready')
      return ready?.status === 'True' ? pod : undefined
    })
  }
  return { send, until, run, addPod, defects }
}

it('A service is reached at every door that the API server and the controllers give it, by named ports that differ from pod to pod', async () => {
  const { send, until, run, addPod, defects } = await createCluster()
  const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
  for (const [at, port] of [8080, 9090].entries()) {
    await addPod(
      `echo-${at}`,
      { hostname: `echo-${at}`, subdomain: 'echo-peers' },
      {
        image,
        args: ['netexec', `--http-port=${port}`],
        ports: [{ name: 'http', containerPort: port, ...(at === 0 ? { hostPort: 8088 } : {}) }],
      },
    )
  }
  await addPod('client', {}, { image: 'nicolaka/netshoot', command: ['sleep', '3600'] })
  const service = (name: string, spec: object) =>
    send('POST', SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
    })
  await service('echo', { type: 'LoadBalancer' })
  await service('echo-peers', { clusterIP: 'None' })
  const echo = await until(async () => {
    const found = await send('GET', `${SERVICES}/echo`)
    return found.status.loadBalancer.ingress === undefined ? undefined : found
  })
  const [{ nodePort }] = echo.spec.ports
  const [{ ip }] = echo.status.loadBalancer.ingress
  await until(async () => {
    const slices = await send('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices')
    const ready = slices.items
      .filter(
        ({ metadata }: { metadata: { labels: Record<string, string> } }) =>
          metadata.labels['kubernetes.io/service-name'] === 'echo',
      )
      .flatMap(({ endpoints }: { endpoints: { conditions: { ready: boolean } }[] }) => endpoints)
      .filter(({ conditions }: { conditions: { ready: boolean } }) => conditions.ready)
    return ready.length === 2 ? ready : undefined
  })

  const both = async (url: string) =>
    (await run('client', `for i in 1 2; do curl -sS -m 2 ${url}/hostname; echo; done`))
      .trimEnd()
      .split('\n')
      .sort()
  expect(await both('http://echo')).toEqual(['echo-0', 'echo-1'])
  expect(await both(`http://${NODE}:${nodePort}`)).toEqual(['echo-0', 'echo-1'])
  expect(await both(`http://${ip}`)).toEqual(['echo-0', 'echo-1'])
  expect(await run('client', `curl -sS -m 2 http://${NODE}:8088/hostname`)).toBe('echo-0')
  expect(await run('client', 'curl -sS http://echo-1.echo-peers:9090/hostname')).toBe('echo-1')
  expect(await run('client', `curl -sS http://${ip}/clientip`)).toMatch(/^172\.18\.0\.2:\d+$/)
  const dial = (host: string, port: number) =>
    run(
      'client',
      `curl -s 'http://looking-glass.example.net/dial?host=${host}&port=${port}&protocol=http&request=clientip'`,
    )
  expect(await dial(ip, 80)).toMatch(/^\{"responses":\["172\.18\.0\.2:\d+"\]\}$/)
  expect(await dial(NODE, 8088)).toMatch(/^\{"responses":\["203\.0\.113\.10:\d+"\]\}$/)
  expect(defects).toEqual([])
})
