import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, createWorld, type World } from './world.ts'

let world: World
let pod: RunningContainer
beforeAll(() => {
  world = createWorld()
  addDns(world)
  world.addPod({
    name: 'server',
    ip: '10.244.0.5',
    image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
    container: { args: ['netexec', '--http-port=80'] },
  })
  pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'curlimages/curl',
    container: { command: ['sleep', 'infinity'] },
  })
})
afterAll(() => world.close())

const run = async (line: string) => {
  const { output, code } = await world.run(pod, line)
  return `${output}${code}`
}

describe('curl', () => {
  test('shows its progress on stderr where the answer goes into a pipe, and never with -s', async () => {
    const ran = await world.run(pod, 'curl http://10.244.0.5/hostname')
    expect(ran.stdout).toBe('server')
    expect(ran.stderr).toMatch(
      /^ {2}% Total {4}% Received % Xferd {2}Average Speed.*\n.*Speed\n\r {2}0 {5}0 {4}0 .*\r100 {5}6 {2}100 {5}6 {4}0 {5}0 .*\n$/,
    )
    expect((await world.run(pod, 'curl -s http://10.244.0.5/hostname')).stderr).toBe('')
  })

  test('ends with 22 for an error that -f forbids, with or without the body', async () => {
    const url = "'http://10.244.0.5/echo?msg=oh&code=404'"
    expect(await run(`curl -sf ${url}`)).toBe('22')
    expect(await run(`curl -s --fail-with-body ${url}`)).toBe('oh22')
    expect(await run(`curl -s ${url}`)).toBe('oh0')
  })

  test('follows redirects only when it is told to, and not for ever', async () => {
    const url = "'http://10.244.0.5/redirect?location=/hostname'"
    expect(await run(`curl -s -o /dev/null -w '%{http_code} %{redirect_url}' ${url}`)).toBe(
      '302 http://10.244.0.5/hostname0',
    )
    expect(await run(`curl -sL -w ' %{num_redirects}' ${url}`)).toBe('server 10')
    const loop = "'http://10.244.0.5/redirect?location=/redirect%3Flocation%3D/hostname'"
    expect(await run(`curl -sSL --max-redirs 1 ${loop}`)).toBe(
      'curl: (47) Maximum (1) redirects followed\n47',
    )
  })

  test('sends what it is told to, and -G as a query', async () => {
    expect(await run('curl -s -d msg=a http://10.244.0.5/echo')).toBe('a0')
    expect(await run("curl -s -G --data-urlencode 'msg=a b' http://10.244.0.5/echo")).toBe('a b0')
    expect(await run('echo msg=file > /tmp/f; curl -s -d @/tmp/f http://10.244.0.5/echo')).toBe(
      'file0',
    )
  })

  test('talks telnet to see whether a port is open', async () => {
    expect(await run('curl -sS -m 2 telnet://10.244.0.5:81')).toContain('curl: (7)')
    expect(await run('curl -sS -m 2 telnet://10.244.0.99:80')).toContain('curl: (28)')
  })

  test('finds nobody by IPv6, and says so', async () => {
    expect(await run('curl -sS -6 http://10-244-0-5.default.pod.cluster.local/')).toBe(
      'curl: (6) Could not resolve host: 10-244-0-5.default.pod.cluster.local\n6',
    )
    expect(await run("curl -sS 'http://[fd00::1]/'")).toContain(
      'curl: (7) Failed to connect to fd00::1',
    )
    expect(await run('ping -c 1 fd00::1')).toContain('ping: sendto: Network unreachable')
  })

  test('names what is not simulated', async () => {
    expect(await run('curl -F a=b http://10.244.0.5/')).toContain(
      'curl: option -F: is not simulated',
    )
    expect(await run('curl -x proxy:80 http://10.244.0.5/')).toContain('-x: is not simulated')
  })
})
