import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { type Lab, openLab } from '../shell/lab.ts'
import { findAllKubectls, runKubectl } from './real-kubectl.ts'

const kubectls = await findAllKubectls()

it.skipIf(kubectls.length > 0)(
  'streams of kubectl 1.27 to 1.33 (skipped: no kubectl.1.N beside the one on the PATH)',
  () => {},
)

let lab: Lab
let cache: string
beforeAll(async () => {
  if (kubectls.length === 0) return
  cache = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-cache-'))
  lab = await openLab({ clock: createRealClock() })
  for (const line of [
    'kubectl create deployment web --image=nginx --port=80',
    'kubectl expose deployment web --port=8080 --target-port=80',
    'kubectl create service clusterip none --tcp=80',
    'kubectl run box --image=busybox -- sleep 1d',
    'kubectl rollout status deployment web',
    'kubectl wait --for=condition=Ready pod/box',
  ]) {
    const { err, code } = await lab.run(line)
    expect(code, `${line}: ${err}`).toBe(0)
  }
  await lab.write(
    'deny.yaml',
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`,
  )
  expect((await lab.run('kubectl apply -f deny.yaml')).code).toBe(0)
})
afterAll(async () => {
  if (kubectls.length === 0) return
  await lab.close()
  await rm(cache, { recursive: true, force: true })
})

/** What a server on this computer says to a request. */
async function ask(port: number, path = '/'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await once(socket, 'close')
  return text
}

/** Each does with SPDY (or SPDY in a WebSocket, from 1.31 on) what it does on a real cluster. */
describe.each(kubectls)('kubectl 1.$minor', ({ minor, path }) => {
  const kubectl = (
    args: readonly string[],
    options: Parameters<typeof runKubectl>[2] | object = {},
  ) =>
    runKubectl(path, args, {
      kubeconfig: lab.kubeconfig,
      cache: join(cache, String(minor)),
      cwd: lab.folder,
      ...options,
    })
  /** Forwards a port and asks twice; what goes well has to be interrupted. */
  const forward = async (
    target: string,
    port: string,
    options: { readonly endsItself?: boolean } = {},
  ) => {
    const answers: string[] = []
    let asking: Promise<void> | undefined
    const result = await kubectl(['port-forward', target, `:${port}`], {
      onOut(all: string, interrupt: () => void) {
        const local = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(all)?.[1]
        if (local === undefined || asking !== undefined) return
        asking = (async () => {
          answers.push(...(await Promise.all([ask(Number(local)), ask(Number(local))])))
          if (options.endsItself !== true) interrupt()
        })()
      },
    })
    await asking
    return { ...result, answers }
  }

  /** Asks `kubectl proxy` for a path, and interrupts. */
  const serve = async (path: string) => {
    let answers = ''
    let asking: Promise<void> | undefined
    const result = await kubectl(['proxy', '--port=0'], {
      onOut(all: string, interrupt: () => void) {
        const local = /Starting to serve on 127\.0\.0\.1:(\d+)/.exec(all)?.[1]
        if (local === undefined || asking !== undefined) return
        asking = (async () => {
          answers = await ask(Number(local), path)
          interrupt()
        })()
      },
    })
    await asking
    return { ...result, answers }
  }

  it.each([
    ['deploy/web', '80'],
    ['svc/web', '8080'],
  ])('forwards a port of %s, whatever the policies say', async (target, port) => {
    const { answers, out, err } = await forward(target, port)
    expect(err).toBe('')
    expect(answers).toEqual([
      expect.stringContaining('Welcome to nginx!'),
      expect.stringContaining('Welcome to nginx!'),
    ])
    expect(out).toMatch(
      /^Forwarding from 127\.0\.0\.1:(\d+) -> 80\n(Forwarding from \[::1\]:\d+ -> 80\n)?(Handling connection for \1\n){2}$/,
    )
  })

  it('says why a port of a pod cannot be reached, and loses the connection', async () => {
    const { answers, err, code } = await forward('pod/box', '81', { endsItself: true })
    expect(answers).toEqual(['', ''])
    expect(err.replaceAll('\\"', '"')).toMatch(
      /an error occurred forwarding \d+ -> 81: error forwarding port 81 to pod [0-9a-f]{64}, uid : failed to execute portforward in network namespace "\/var\/run\/netns\/cni-[0-9a-f-]+": failed to connect to localhost:81 inside namespace "[0-9a-f]{64}", IPv4: dial tcp4 127\.0\.0\.1:81: connect: connection refused IPv6 dial tcp6 \[::1\]:81: connect: connection refused /,
    )
    expect(err).toMatch(/error: lost connection to pod\n$/)
    expect(code).toBe(1)
  })

  it('reaches pods and services through the API server, whatever the policies say', async () => {
    const raw = (path: string) => kubectl(['get', '--raw', `/api/v1/namespaces/default/${path}`])
    expect((await raw('services/web:8080/proxy/')).out).toContain('Welcome to nginx!')
    expect((await raw('services/web/proxy/')).out).toContain('Welcome to nginx!')
    const { out: address } = await kubectl(['get', 'pod', 'box', '-o', 'jsonpath={.status.podIP}'])
    expect(await raw('pods/box:81/proxy/')).toEqual({
      out: '',
      err: `Error from server (ServiceUnavailable): error trying to reach service: dial tcp ${address}:81: connect: connection refused\n`,
      code: 1,
    })
    expect((await raw('services/none/proxy/')).err).toBe(
      'Error from server (ServiceUnavailable): no endpoints available for service "none"\n',
    )
    const { answers } = await serve('/api/v1/namespaces/default/services/web/proxy/')
    expect(answers).toContain('Welcome to nginx!')
  })

  it.each([
    ['by itself', {}],
    ['without WebSockets', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
  ])('executes %s: streams, exit codes, and what cannot be started', async (_how, env) => {
    expect(
      await kubectl(['exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], { env }),
    ).toEqual({ out: 'out\n', err: 'err\ncommand terminated with exit code 7\n', code: 7 })
    const stdin = 'a line of many\n'.repeat(20_000)
    expect(await kubectl(['exec', '-i', 'box', '--', 'cat'], { env, stdin })).toEqual({
      out: stdin,
      err: '',
      code: 0,
    })
    const missing = await kubectl(['exec', 'box', '--', 'nope'], { env })
    expect(missing.err).toMatch(
      /^error: Internal error occurred: (Internal error occurred: )?error executing command in container: failed to exec in container: .* exec: "nope": executable file not found in \$PATH: unknown\n$/,
    )
    // The API server puts its own words around those of the node where it translates from a WebSocket.
    const translates = minor >= 30 && !('KUBECTL_REMOTE_COMMAND_WEBSOCKETS' in env)
    expect(missing.err.split('Internal error occurred').length - 1).toBe(translates ? 2 : 1)
    expect((await kubectl(['exec', 'box', '-c', 'nope', '--', 'true'], { env })).err).toContain(
      'container nope is not valid for pod box',
    )
  })
})
