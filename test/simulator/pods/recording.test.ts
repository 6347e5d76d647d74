import { describe, expect, test } from 'vitest'
import type { NetworkPolicy } from '../../../src/kube/objects.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { matches, readRecording, shown } from './recording-format.ts'
import { addDns, addService, createWorld, type World } from './world.ts'

/** The page that nginx served when the recording was made. */
const PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n'

const POLICIES: Readonly<Record<string, NetworkPolicy['spec'] | undefined>> = {
  open: undefined,
  'deny-all-egress': { podSelector: { matchLabels: { app: 'foo' } }, policyTypes: ['Egress'] },
  'dns-only-egress': {
    podSelector: { matchLabels: { app: 'foo' } },
    policyTypes: ['Egress'],
    egress: [
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
    ],
  },
}

function createRecordedWorld(situation: string): { world: World; pod: RunningContainer } {
  const world = createWorld()
  addDns(world)
  addService(world, {
    name: 'web',
    clusterIP: '10.96.120.15',
    // The recorded service rejected what it does not serve, so the closed ports have a listener-less target here.
    ports: [
      { name: 'http', port: 80 },
      { name: 'closed-1', port: 8081 },
      { name: 'closed-2', port: 81 },
    ],
    endpoints: ['10.244.0.5'],
  })
  const page = Buffer.from(PAGE).toString('base64')
  world.addPod({
    name: 'web',
    ip: '10.244.0.5',
    image: 'nginx',
    labels: { app: 'web' },
    files: { '/usr/share/nginx/html/index.html': page },
  })
  const pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'alpine',
    labels: { app: 'foo' },
    container: { command: ['sleep', 'infinity'] },
  })
  const spec = POLICIES[situation]
  if (spec !== undefined) {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'foo-deny-egress', namespace: 'default' },
      spec,
    })
  }
  return { world, pod }
}

describe.each(readRecording('busybox-1.37.txt'))(
  'BusyBox in the situation $name',
  ({ name, commands }) => {
    test.each(commands)('prints what the real one printed: $line', async (command) => {
      const { world, pod } = createRecordedWorld(name)
      const output: string[] = []
      const collect = (chunk: Uint8Array) => output.push(new TextDecoder().decode(chunk))
      const startedMs = world.clock.now()
      const process = pod.exec(['sh', '-c', command.line], { stdout: collect, stderr: collect })
      const interrupted = command.code === 124
      if (interrupted) world.clock.after(command.seconds * 1000 - 1, () => process.signal('SIGINT'))
      const code = await process.exited
      const seconds = (world.clock.now() - startedMs) / 1000
      const lines = shown(output.join(''))
      if (!matches(command.output, lines)) expect(lines).toEqual(command.output)
      if (!interrupted) expect(code).toBe(command.code)
      expect(Math.abs(seconds - command.seconds)).toBeLessThan(0.1)
      await world.close()
    })
  },
)
