import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { NetworkPolicy } from '../../../src/kube/objects.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, type World } from './world.ts'

interface Situation {
  readonly name: string
  readonly commands: readonly {
    readonly line: string
    readonly output: readonly string[]
    readonly code: number
    readonly seconds: number
  }[]
}

/** The page that nginx served when the recording was made. */
const PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n'

function readRecording(): Situation[] {
  const text = readFileSync(new URL('./fixtures/busybox-1.37.txt', import.meta.url), 'utf8')
  return text
    .split(/^######## /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...rest] = part.split('\n')
      const commands = rest
        .join('\n')
        .split(/^\$ /m)
        .slice(1)
        .map((block) => {
          const match = /^(.*)\n([\s\S]*?)\[exit (\d+) after ([\d.]+) s\]\n/.exec(block)
          if (match === null) throw new Error(`unreadable block: ${block}`)
          const [, line = '', output = '', code, seconds] = match
          return {
            line,
            output: output.split('\n').slice(0, -1),
            code: Number(code),
            seconds: Number(seconds),
          }
        })
      return { name, commands }
    })
}

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

/** Whether lines are as recorded: `[..]` is any text, a line `...` any lines. */
function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return actual.length === 0
  if (first === '...') {
    return actual.some((_line, at) => matches(rest, actual.slice(at))) || matches(rest, [])
  }
  const [line, ...others] = actual
  if (line === undefined) return false
  const pattern = first
    .split('[..]')
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(line) && matches(rest, others)
}

/** Lines as a terminal shows them: what a carriage return overwrote is gone. */
function shown(output: string): string[] {
  const lines = output.split('\n').map((line) => line.slice(line.lastIndexOf('\r') + 1))
  return output.endsWith('\n') || output === '' ? lines.slice(0, -1) : lines
}

describe.each(readRecording())('BusyBox in the situation $name', ({ name, commands }) => {
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
})
