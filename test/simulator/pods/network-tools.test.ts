import { describe, expect, test } from 'vitest'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { RECORDED_SERVICES, sliceOf } from './recorded-view.ts'
import { matches, type RecordedCommand, readRecording, shown } from './recording-format.ts'
import { addDns, createWorld, namespace, type World } from './world.ts'

const PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n'

/** Recordings by file, and the image whose programs are held against each. */
const FILES = {
  'dig.txt': 'nicolaka/netshoot',
  'host.txt': 'nicolaka/netshoot',
  'nslookup-bind.txt': 'nicolaka/netshoot',
  'nc-openbsd.txt': 'nicolaka/netshoot',
  'ping-iputils.txt': 'nicolaka/netshoot',
  'iproute2.txt': 'nicolaka/netshoot',
  'curl.txt': 'curlimages/curl',
  'busybox-network.txt': 'alpine',
  'redis-cli.txt': 'redis',
} as const

/** What cannot be the same here, and why. */
const SKIPPED: Readonly<Record<string, string>> = {
  'ping -c 1 web':
    'in the recording the address belonged to a machine; a ClusterIP answers no ping',
  'traceroute -n -q 1 10.244.0.5': 'in the recording the server was the gateway itself',
  'traceroute -q 2 10.244.0.5': 'in the recording the server was the gateway itself',
  'ip -4 addr show eth0': 'Debian builds BusyBox without the state of a link',
  'ip link show lo': 'Debian builds BusyBox without the state of a link',
  'ip -br -4 addr show eth0': 'the other end of the pair has another number',
  'ifconfig lo': 'the simulated cluster has no IPv6',
  '(nc -l -p 8080 >/dev/null & sleep 0.3; ss -tln; ss -ltnH; kill $!)':
    'the recorded program listened on IPv6 as well',
  'traceroute -n -m 3 -q 2 -w 1 10.96.0.99': 'in the recording the packets got lost in the gateway',
  'curl -sv http://10.96.120.15/': 'which of the two streams comes first depends on a buffer',
  curl: 'curl 8 says first that there is no URL',
  'ip route show nosuch': 'a filter that matched nothing that a pod has',
}

/** Words of glibc and of older versions in the recordings, and of musl and the versions that the images have. */
const OTHER_WORDS: readonly (readonly [recorded: string | RegExp, here: string])[] = [
  // The name server of the recording that nobody answers for; here a policy drops what is sent to the real one.
  ['10.96.0.11', '10.96.0.10'],
  ['timed out: Operation now in progress', 'timed out: Operation in progress'],
  // curl 8.12 after 7.88.
  ["Couldn't connect to server", 'Could not connect to server'],
  [
    /^curl: try 'curl --help' or 'curl --manual'.*$/,
    "curl: try 'curl --help' or 'curl --manual' for more information",
  ],
  ['not supported or disabled in libcurl', 'not supported'],
  [
    'URL using bad/illegal format or missing URL',
    'URL rejected: Port number was not a decimal number between 0 and 65535',
  ],
  [
    /^curl: \(35\) OpenSSL.*$/,
    'curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number',
  ],
  [/ \(#0\)$/, ''],
  [/^\* Closing connection 0$/, '* closing connection #0'],
  [/^(\* connect to \S+ port \d+) failed/, '$1 from 10.244.0.7 port [..] failed'],
]

/** What curl says since 7.88 with -v. */
const NEW_IN_CURL =
  /^\* (?:Host \S+ was resolved|IPv[46]: |using HTTP|Request completely|upload completely)/

function expectedLines(command: RecordedCommand, image: string): string[] {
  const words: typeof OTHER_WORDS =
    // Debian's own, as the recordings were made with.
    image === 'redis'
      ? OTHER_WORDS
      : [['Name or service not known', 'Name does not resolve'], ...OTHER_WORDS]
  return command.output.flatMap((line) => {
    const here = words.reduce((text, [from, to]) => text.replace(from, to), line)
    return [here.replace(/(hostmaster\.cluster\.local\. )\d+/, '$1[..]')]
  })
}

async function createRecordedWorld(
  image: string,
): Promise<{ world: World; pod: RunningContainer }> {
  const world = createWorld()
  addDns(world)
  world.lists.namespaces.push(namespace('other'))
  for (const service of RECORDED_SERVICES) {
    const { name, spec } = service
    const metadata = { name, namespace: service.namespace }
    world.lists.services.push({ apiVersion: 'v1', kind: 'Service', metadata, spec })
    world.lists.endpointSlices.push(sliceOf(service))
  }
  // In the recording the service's address was a machine, which refuses what it does not serve.
  const web = world.lists.services.find((service) => service.metadata.name === 'web')
  web?.spec.ports?.push(
    { name: 'closed', port: 81, targetPort: 81, protocol: 'TCP' },
    { name: 'closed-dns', port: 53, targetPort: 53, protocol: 'UDP' },
  )
  const slice = world.lists.endpointSlices.find((one) => one.metadata.name === 'web-abcde')
  slice?.ports.push(
    { name: 'closed', port: 81, protocol: 'TCP' },
    { name: 'closed-dns', port: 53, protocol: 'UDP' },
  )
  const page = { '/usr/share/nginx/html/index.html': Buffer.from(PAGE).toString('base64') }
  const nginx = world.addPod({ name: 'web', ip: '10.244.0.5', image: 'nginx', files: page })
  const [server] = world.lists.pods.slice(-1)
  if (server === undefined) throw new Error('no pod')
  const script = [
    'nc -lk -p 7 -e cat &',
    'nc -u -lk -p 7 -e cat &',
    'nc -lk -p 8888 -e sleep 1000 &',
    "nc -lk -p 8889 -e sh -c 'read line' &",
    'nc -lk -p 7890 -e echo SSH-2.0-x &',
    'wait',
  ].join('\n')
  world.addContainer(server, { name: 'odd', image: 'alpine', command: ['sh', '-c', script] })
  world.addPod({ name: 'cache', ip: '10.244.0.6', image: 'redis' })
  const pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image,
    labels: { app: 'foo' },
    container: { command: ['sleep', 'infinity'] },
  })
  await world.run(nginx, 'mkdir /usr/share/nginx/html/folder')
  return { world, pod }
}

async function replay(image: string, situation: string, commands: readonly RecordedCommand[]) {
  const { world, pod } = await createRecordedWorld(image)
  if (situation === 'dns-lost') {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'foo' } }, policyTypes: ['Egress'] },
    })
  }
  const ran: { output: string[]; code: number; seconds: number }[] = []
  for (const command of commands) {
    const output: string[] = []
    const collect = (chunk: Uint8Array) => output.push(new TextDecoder().decode(chunk))
    const startedMs = world.clock.now()
    const process = pod.exec(['sh', '-c', command.line], { stdout: collect, stderr: collect })
    if (command.code === 124) {
      world.clock.after(command.seconds * 1000 - 1, () => process.signal('SIGINT'))
    }
    const code = await process.exited
    const text = output.join('').replaceAll('\r\n', '\n')
    ran.push({
      output: shown(text.endsWith('\n') || text === '' ? text : `${text}\n`),
      code,
      seconds: (world.clock.now() - startedMs) / 1000,
    })
  }
  await world.close()
  return ran
}

describe.each(Object.entries(FILES))('the programs of %s', (file, image) => {
  describe.each(readRecording(`network-tools/${file}`))('in the situation $name', (situation) => {
    const commands = situation.commands.filter(({ line }) => SKIPPED[line] === undefined)
    // One world for all of them, as there was one for the recording.
    const all = replay(image, situation.name, commands)
    test.each(commands.map((command, at) => ({ ...command, at })))(
      'print what the real ones printed: $line',
      async (command) => {
        const ran = (await all)[command.at]
        if (ran === undefined) throw new Error('not run')
        const expected = expectedLines(command, image)
        const output = ran.output.filter((line) => !NEW_IN_CURL.test(line))
        if (!matches(expected, output)) expect(output).toEqual(expected)
        if (command.code !== 124) expect(ran.code).toBe(command.code)
        // Half a second and less was written down as none.
        expect(Math.abs(ran.seconds - command.seconds)).toBeLessThan(
          command.seconds === 0 ? 0.5 : 0.25,
        )
      },
    )
  })
})
