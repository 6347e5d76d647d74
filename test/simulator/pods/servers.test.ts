import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createImageStore } from '../../../src/simulator/pods/images/image-store.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, type World } from './world.ts'

let world: World
let client: RunningContainer
beforeAll(() => {
  world = createWorld()
  addDns(world)
  client = world.addPod({
    name: 'client',
    ip: '10.244.0.7',
    image: 'nicolaka/netshoot',
    container: { command: ['sleep', 'infinity'] },
  })
})
afterAll(() => world.close())

let last = 20
function start(image: string, container: object = {}): { address: string; pod: RunningContainer } {
  const address = `10.244.0.${++last}`
  return { address, pod: world.addPod({ name: `pod-${last}`, ip: address, image, container }) }
}

const run = async (line: string) => (await world.run(client, line)).output

async function logs(pod: RunningContainer): Promise<string> {
  let text = ''
  for await (const chunk of pod.logs({ follow: false })) text += chunk
  return text
}

/** Waits until a server takes connections. */
async function listening(address: string, port: number): Promise<void> {
  while ((await world.run(client, `nc -z -w 1 ${address} ${port}`)).code !== 0) {
    await world.clock.sleep(10)
  }
}

describe('nginx', () => {
  test('says how it starts, and logs each request with the address of the client', async () => {
    const { address, pod } = start('nginx')
    await listening(address, 80)
    await run(`curl -s http://${address}/ -A me/1 -e http://from/`)
    await run(`curl -sI http://${address}/`)
    await run(`curl -s http://${address}/missing`)
    await run(`printf '\\026\\003\\001' | nc -w 1 ${address} 80`)
    const lines = (await logs(pod)).split('\n')
    expect(lines[0]).toBe(
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
    )
    expect(lines).toContainEqual(expect.stringMatching(/ \[notice\] 1#1: nginx\/1\.27\.5$/))
    const time = '\\[\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\]'
    const access = (rest: string) =>
      expect.stringMatching(new RegExp(`^10\\.244\\.0\\.7 - - ${time} ${rest}$`))
    expect(lines).toContainEqual(access('"GET / HTTP/1.1" 200 615 "http://from/" "me/1" "-"'))
    expect(lines).toContainEqual(access('"HEAD / HTTP/1.1" 200 0 "-" "curl/8.12.1" "-"'))
    expect(lines).toContainEqual(access('"GET /missing HTTP/1.1" 404 153 "-" "curl/8.12.1" "-"'))
    expect(lines).toContainEqual(access('"\\\\x16\\\\x03\\\\x01" 400 157 "-" "-" "-"'))
    expect(lines).toContainEqual(
      expect.stringMatching(
        /\[error\] 29#29: \*\d+ open\(\) "\/usr\/share\/nginx\/html\/missing" failed \(2: No such file or directory\), client: 10\.244\.0\.7, server: localhost, request: "GET \/missing HTTP\/1\.1", host: "10\.244\.0\.\d+"$/,
      ),
    )
  })

  test('is the version that its tag names, and listens where its configuration says', async () => {
    const old = start('nginx:1.14.2')
    await listening(old.address, 80)
    expect(await run(`curl -sI http://${old.address}/`)).toContain('Server: nginx/1.14.2\r\n')
    const unprivileged = start('nginxinc/nginx-unprivileged')
    await listening(unprivileged.address, 8080)
    expect(await run(`curl -s http://${unprivileged.address}:8080/`)).toContain('Welcome to nginx!')
    expect((await world.run(old.pod, 'nginx -v')).stderr).toBe('nginx version: nginx/1.14.2\n')
  })

  test('stops by the signal of its image, and says how its workers go', async () => {
    const { address, pod } = start('nginx')
    await listening(address, 80)
    await pod.stop(5)
    expect(await pod.exited).toBe(0)
    const lines = (await logs(pod)).trimEnd().split('\n')
    const texts = lines.slice(-12).map((line) => line.replace(/^\S+ \S+ /, ''))
    expect(texts[0]).toBe('[notice] 1#1: signal 3 (SIGQUIT) received, shutting down')
    expect(texts).toContain('[notice] 29#29: gracefully shutting down')
    expect(texts.at(-1)).toBe('[notice] 1#1: exit')
  })

  test('shows a client behind a node port as the node', async () => {
    const { address, pod } = start('nginx')
    await listening(address, 80)
    addService(world, {
      name: 'front',
      clusterIP: '10.96.0.40',
      ports: [{ port: 80, nodePort: 30080 }],
      endpoints: [address],
      spec: { type: 'NodePort', externalTrafficPolicy: 'Cluster' },
    })
    await run('curl -s http://172.18.0.2:30080/')
    expect(await logs(pod)).toMatch(/^172\.18\.0\.2 - - .*"GET \/ HTTP\/1\.1" 200/m)
  })
})

describe('other servers', () => {
  test('httpd logs in the common format and says how it starts', async () => {
    const { address, pod } = start('httpd')
    await listening(address, 80)
    expect(await run(`curl -s http://${address}/`)).toBe(
      '<html><body><h1>It works!</h1></body></html>\n',
    )
    const text = await logs(pod)
    expect(text).toContain('AH00094: Command line: ')
    expect(text).toMatch(/^10\.244\.0\.7 - - \[.*\] "GET \/ HTTP\/1\.1" 200 45$/m)
  })

  test('redis says how it starts, keeps values and survives rubbish', async () => {
    const { address, pod } = start('redis:7.2.4', { args: ['--port', '6380'] })
    await listening(address, 6380)
    const redis = start('redis')
    const cli = async (line: string) =>
      (await world.run(redis.pod, `redis-cli -h ${address} -p 6380 ${line}`)).output
    expect(await cli('SET a "b c"')).toBe('OK\n')
    await run(`printf '*1\\r\\n$999999999\\r\\n' | nc -w 1 ${address} 6380`)
    await run(`printf '*9999999\\r\\n' | nc -w 1 ${address} 6380`)
    await run(`printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 1 ${address} 6380`)
    expect(await cli('GET a')).toBe('b c\n')
    expect(await cli('INFO server')).toContain('redis_version:7.2.4')
    const text = await logs(pod)
    expect(text).toMatch(/^1:M .* \* Running mode=standalone, port=6380\.$/m)
    expect(text).toMatch(/^1:M .* \* Ready to accept connections tcp$/m)
  })

  test('postgres wants a password, then says how it starts and whom it could not understand', async () => {
    const without = start('postgres')
    expect(await without.pod.exited).toBe(1)
    expect(await logs(without.pod)).toContain(
      'Error: Database is uninitialized and superuser password is not specified.\n',
    )
    const env = [{ name: 'POSTGRES_PASSWORD', value: 'secret' }]
    const { address, pod } = start('postgres:16', { env })
    await listening(address, 5432)
    await run(`printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 1 ${address} 5432`)
    const text = await logs(pod)
    expect(text).toMatch(/LOG: {2}listening on IPv4 address "0\.0\.0\.0", port 5432\n/)
    expect(text).toMatch(/LOG: {2}database system is ready to accept connections\n/)
    expect(text).toMatch(/LOG: {2}invalid length of startup packet\n/)
  })

  test('hello-app says its version on the port that it is given', async () => {
    const one = start('gcr.io/google-samples/hello-app:1.0')
    const two = start('gcr.io/google-samples/hello-app:2.0', {
      env: [{ name: 'PORT', value: '5000' }],
    })
    await listening(one.address, 8080)
    await listening(two.address, 5000)
    expect(await run(`curl -s http://${one.address}:8080/`)).toMatch(
      /^Hello, world!\nVersion: 1\.0\.0\nHostname: pod-\d+\n$/,
    )
    expect(await run(`curl -s http://${two.address}:5000/`)).toContain('Version: 2.0.0\n')
    expect(await logs(two.pod)).toMatch(/ Server listening on port 5000\n.* Serving request: \/\n/)
  })
})

describe('a pod looks at its own network', () => {
  test('with the sockets that it has', async () => {
    const { address, pod } = start('nginx:alpine')
    await listening(address, 80)
    const ran = await world.run(
      pod,
      `nc -lk -p 9000 -e sleep 5 & sleep 0.1; nc 127.0.0.1 9000 & sleep 0.1; netstat -tnap; kill %1 %2`,
    )
    expect(ran.stdout).toMatch(/tcp +0 +0 0\.0\.0\.0:80 +0\.0\.0\.0:\* +LISTEN +1\/nginx/)
    expect(ran.stdout).toMatch(/tcp +0 +0 0\.0\.0\.0:9000 +0\.0\.0\.0:\* +LISTEN +\d+\/nc/)
    expect(ran.stdout).toMatch(/tcp +0 +0 \S+:\d+ +127\.0\.0\.1:9000 +ESTABLISHED/)
    const waiting = await world.run(pod, 'nc 203.0.113.99 80 & sleep 0.1; netstat -tn; kill $!')
    expect(waiting.stdout).toMatch(/203\.0\.113\.99:80 +SYN_SENT/)
    expect((await world.run(pod, 'netstat -tn')).stdout.trimEnd().split('\n')).toHaveLength(2)
  })

  test('with the files of the kernel', async () => {
    const { address, pod } = start('nginx:alpine')
    await listening(address, 80)
    expect((await world.run(pod, 'cat /proc/net/tcp')).stdout).toContain(
      ' 00000000:0050 00000000:0000 0A ',
    )
    expect((await world.run(pod, 'cat /proc/net/route')).stdout).toMatch(
      /^eth0\t00000000\t0100F40A\t0003/m,
    )
  })

  test('with names and servers that its spec adds', async () => {
    const pod = world.addPod({
      name: 'configured',
      ip: '10.244.0.99',
      image: 'alpine',
      container: { command: ['sleep', 'infinity'] },
      spec: {
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['8.8.8.8'],
          searches: ['example.com'],
          options: [
            { name: 'ndots', value: '2' },
            { name: 'timeout', value: '1' },
          ],
        },
        hostAliases: [{ ip: '10.96.0.40', hostnames: ['front.local', 'front'] }],
      },
    })
    expect((await world.run(pod, 'cat /etc/resolv.conf')).stdout).toBe(
      'search example.com\nnameserver 8.8.8.8\noptions ndots:2 timeout:1\n',
    )
    expect((await world.run(pod, 'tail -n 2 /etc/hosts')).stdout).toBe(
      '# Entries added by HostAliases.\n10.96.0.40\tfront.local\tfront\n',
    )
    expect((await world.run(pod, 'nc -zv -w 1 front 80')).output).toContain('(10.96.0.40:80) open')
    expect((await world.run(pod, 'hostname -i')).stdout).toBe('10.244.0.99 \n')
  })
})

describe('the outside world', () => {
  test('looks back at the cluster when it is asked to', async () => {
    const { address } = start('nginx')
    await listening(address, 80)
    addService(world, {
      name: 'seen',
      clusterIP: '10.96.0.41',
      ports: [{ port: 80, nodePort: 30081 }],
      endpoints: [address],
      spec: { type: 'NodePort' },
    })
    const dial = (query: string) =>
      run(`curl -s 'http://looking-glass.example.net/dial?protocol=http&request=/&${query}'`)
    expect(await dial('host=172.18.0.2&port=30081')).toContain('Welcome to nginx!')
    expect(await dial('host=172.18.0.2&port=30999')).toContain('connection refused')
    expect(await dial('host=10.96.0.41&port=80')).toBe(
      '{"errors":["dial tcp 10.96.0.41:80: i/o timeout"]}',
    )
  })

  test('keeps its certificates, and the API server its own', async () => {
    expect(await run('curl -s -o /dev/null -w "%{http_code}" https://www.example.com/')).toBe('200')
    expect((await world.run(client, 'curl -sS https://172.18.0.2:6443/')).output).toContain(
      'curl: (60) SSL certificate problem: unable to get local issuer certificate\n',
    )
    expect(await run('curl -sk https://172.18.0.2:6443/version')).toContain(
      'forbidden: User \\"system:anonymous\\" cannot get path \\"/version\\"',
    )
  })
})

describe('images that nobody has', () => {
  const pull = (image: string) => {
    const result = createImageStore().pull(image)
    return result.ok ? 'pulled' : `${result.reason}: ${result.message}`
  }
  const failed = (full: string) =>
    `failed to pull and unpack image "${full}": failed to resolve reference "${full}": `

  test('fail in the words of containerd for their registry', () => {
    expect(pull('nosuch')).toBe(
      `ErrImagePull: ${failed('docker.io/library/nosuch:latest')}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    )
    expect(pull('nginx:nosuch')).toBe(
      `ErrImagePull: rpc error: code = NotFound desc = ${failed('docker.io/library/nginx:nosuch')}docker.io/library/nginx:nosuch: not found`,
    )
    expect(pull('registry.k8s.io/nosuch:v1')).toBe(
      `ErrImagePull: rpc error: code = NotFound desc = ${failed('registry.k8s.io/nosuch:v1')}registry.k8s.io/nosuch:v1: not found`,
    )
    expect(pull('registry.example/app')).toBe(
      `ErrImagePull: ${failed('registry.example/app:latest')}failed to do request: Head "https://registry.example/v2/app/manifests/latest": dial tcp: lookup registry.example on 172.18.0.1:53: no such host`,
    )
    expect(pull('ghcr.io/me/app')).toContain('failed to fetch anonymous token')
    expect(pull('quay.io/me/app')).toContain('401 UNAUTHORIZED')
    expect(pull('localhost:5000/app')).toContain(
      'dial tcp 127.0.0.1:5000: connect: connection refused',
    )
  })

  test('are not even asked for where their name is none', () => {
    expect(pull('Nginx')).toBe(
      'InvalidImageName: Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase',
    )
    expect(pull('nginx:')).toContain('invalid reference format')
  })
})
