import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExecError } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, type World } from './world.ts'

let world: World

beforeEach(() => {
  world = createWorld()
})

afterEach(() => world.close())

const alpine = (name: string, command: string[], ip = '10.244.0.7') =>
  world.addPod({ name, ip, image: 'alpine', container: { command } })

async function allLogs(container: ReturnType<typeof alpine>): Promise<string> {
  let text = ''
  for await (const part of container.logs({ follow: true })) text += part
  return text
}

describe('a container', () => {
  test('logs what its first process prints and ends with its exit code', async () => {
    const container = alpine('job', ['sh', '-c', 'echo one; echo two >&2; exit 4'])
    expect(await allLogs(container)).toBe('one\ntwo\n')
    expect(await container.exited).toBe(4)
  })

  test('ends at once where a shell has no input', async () => {
    expect(await alpine('shell', ['sh']).exited).toBe(0)
  })

  test('ignores SIGTERM as first process without a handler, until the grace period is over', async () => {
    const container = alpine('stubborn', ['sleep', '3600'])
    const startedMs = world.clock.now()
    await container.stop(30)
    expect(Math.round((world.clock.now() - startedMs) / 1000)).toBe(30)
    expect(await container.exited).toBe(137)
  })

  test('stops at once where it handles SIGTERM', async () => {
    const container = alpine('polite', [
      'sh',
      '-c',
      'trap "echo bye; exit 0" TERM; while :; do sleep 1; done',
    ])
    await world.clock.sleep(100)
    await container.stop(30)
    expect(await container.exited).toBe(0)
    expect(await allLogs(container)).toBe('bye\n')
  })

  test('ends what was started in it by exec', async () => {
    const container = alpine('main', ['sleep', 'infinity'])
    const other = container.exec(['sleep', '100'], { stdout: () => {}, stderr: () => {} })
    await container.stop(0)
    expect(await other.exited).toBe(137)
  })

  test('keeps the files that changed, and takes them back', async () => {
    const first = alpine('first', ['sleep', 'infinity'])
    await world.run(
      first,
      'echo kept >/tmp/a; mkdir /data; rm /etc/issue; printf "#!/bin/sh\\necho ran\\n" >/data/s; chmod +x /data/s',
    )
    const files = first.changedFiles()
    const second = world.addPod({
      name: 'second',
      ip: '10.244.0.8',
      image: 'alpine',
      container: { command: ['sleep', 'infinity'] },
      files,
    })
    const ran = await world.run(second, 'cat /tmp/a; /data/s; cat /etc/issue')
    expect(ran.output).toBe("kept\nran\ncat: can't open '/etc/issue': No such file or directory\n")
  })

  test('says what containerd says where a program does not exist', () => {
    const container = alpine('main', ['sleep', 'infinity'])
    const streams = { stdout: () => {}, stderr: () => {} }
    expect(() => container.exec(['bash'], streams)).toThrow(ExecError)
    expect(() => container.exec(['bash'], streams)).toThrow(
      'unable to start container process: exec: "bash": executable file not found in $PATH: unknown',
    )
    expect(() => alpine('broken', ['/nope'], '10.244.0.8')).toThrow(
      'exec: "/nope": stat /nope: no such file or directory',
    )
  })

  test('has the variables of its image, of services and of its pod', async () => {
    addService(world, {
      name: 'web-app',
      clusterIP: '10.96.0.20',
      ports: [{ port: 80 }],
      endpoints: [],
    })
    const container = world.addPod({
      name: 'test',
      ip: '10.244.0.7',
      image: 'alpine',
      container: {
        command: ['sleep', 'infinity'],
        env: [{ name: 'MINE', value: '$(WEB_APP_SERVICE_PORT)!' }],
      },
    })
    const ran = await world.run(
      container,
      'echo $HOSTNAME $MINE $WEB_APP_SERVICE_HOST $WEB_APP_PORT',
    )
    expect(ran.output).toBe('test 80! 10.96.0.20 tcp://10.96.0.20:80\n')
  })
})

describe('images', () => {
  test('are pulled by any tag', async () => {
    for (const image of [
      'nginx',
      'nginx:alpine',
      'docker.io/library/nginx:1.27',
      'alpine:3.21',
      'busybox:1.37',
    ]) {
      expect(await world.runtime.pullImage(image)).toMatchObject({ ok: true })
    }
  })

  test('that do not exist get the message of containerd', async () => {
    expect(await world.runtime.pullImage('ngnix')).toEqual({
      ok: false,
      reason: 'ErrImagePull',
      message:
        'failed to pull and unpack image "docker.io/library/ngnix:latest": failed to resolve reference "docker.io/library/ngnix:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    })
    expect(await world.runtime.pullImage('Nginx')).toMatchObject({ reason: 'InvalidImageName' })
  })

  test('differ in what they have: the nginx of Debian has no wget, the one of Alpine has', async () => {
    const debian = world.addPod({ name: 'a', ip: '10.244.0.5', image: 'nginx' })
    const small = world.addPod({ name: 'b', ip: '10.244.0.6', image: 'nginx:alpine' })
    expect((await world.run(debian, 'wget -qO- localhost')).code).toBe(127)
    expect((await world.run(small, 'wget -qO- localhost | head -n 4 | tail -n 1')).output).toBe(
      '<title>Welcome to nginx!</title>\n',
    )
  })
})

describe("Debian's images", () => {
  test('have bash and what its slim image has, and curl where their maker put it in', async () => {
    const nginx = world.addPod({ name: 'a', ip: '10.244.0.5', image: 'nginx' })
    const redis = world.addPod({ name: 'b', ip: '10.244.0.6', image: 'redis' })
    const there = 'for p in bash awk find tar stat; do which $p; done'
    expect((await world.run(nginx, there)).output).toBe(
      '/usr/bin/bash\n/usr/bin/awk\n/usr/bin/find\n/usr/bin/tar\n/usr/bin/stat\n',
    )
    const absent = 'which ping wget ip ps nslookup nc less vi kill top; echo $?; which curl'
    expect((await world.run(nginx, absent)).output).toBe('1\n/usr/bin/curl\n')
    expect((await world.run(redis, absent)).output).toBe('1\n')
  })

  test("say what dash, bash and GNU's programs say of what is missing or wrong", async () => {
    const pod = world.addPod({ name: 'a', ip: '10.244.0.5', image: 'nginx' })
    expect(await world.run(pod, 'ping web')).toMatchObject({
      output: 'sh: 1: ping: not found\n',
      code: 127,
    })
    expect(await world.run(pod, 'bash -c "ping web"')).toMatchObject({
      output: 'bash: line 1: ping: command not found\n',
      code: 127,
    })
    expect(await world.run(pod, 'ls --nosuch')).toMatchObject({
      output: "ls: unrecognized option '--nosuch'\nTry 'ls --help' for more information.\n",
    })
    expect(await world.run(pod, 'seq 3 | sed -n "$ s/3/x/p; 2q5"')).toMatchObject({ code: 5 })
  })

  test('have the prompts of bash and dash', async () => {
    const pod = world.addPod({ name: 'web-0', ip: '10.244.0.5', image: 'nginx' })
    for (const { shell, prompt } of [
      { shell: 'bash', prompt: 'root@web-0:/# ' },
      { shell: 'sh', prompt: '# ' },
    ]) {
      let shown = ''
      const program = pod.exec([shell], {
        stdout: (chunk) => {
          shown += new TextDecoder().decode(chunk)
        },
        stderr: () => {},
        stdin: atPrompt(() => shown),
        terminal: { columns: 80, rows: 24 },
      })
      await program.exited
      expect(shown.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').slice(0, prompt.length)).toBe(prompt)
    }
  })
})

/** Types `exit` when there is a prompt. */
async function* atPrompt(shown: () => string): AsyncGenerator<Uint8Array> {
  while (!shown().includes('# ')) await nextTurn()
  yield new TextEncoder().encode('exit\r')
}

describe('servers', () => {
  test('log the requests that they get', async () => {
    addDns(world)
    const web = world.addPod({ name: 'web', ip: '10.244.0.5', image: 'nginx' })
    const client = alpine('test', ['sleep', 'infinity'])
    await world.run(client, 'wget -qO- http://10.244.0.5/; wget -qO- http://10.244.0.5/nope')
    let text = ''
    for await (const part of web.logs({ follow: false })) text += part
    expect(text).toMatch(/10\.244\.0\.7 - - \[.*\] "GET \/ HTTP\/1\.1" 200 615 "-" "Wget" "-"\n/)
    expect(text).toMatch(/"GET \/nope HTTP\/1\.1" 404 153 "-" "Wget" "-"\n/)
  })

  test('answer as agnhost, hello-app, httpd and redis do', async () => {
    const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
    world.addPod({
      name: 'net',
      ip: '10.244.0.5',
      image,
      container: { args: ['netexec', '--http-port=80'] },
    })
    world.addPod({ name: 'hello', ip: '10.244.0.6', image: 'gcr.io/google-samples/hello-app:2.0' })
    world.addPod({ name: 'apache', ip: '10.244.0.8', image: 'httpd' })
    world.addPod({ name: 'redis', ip: '10.244.0.9', image: 'redis:7' })
    const client = world.addPod({ name: 'client', ip: '10.244.0.10', image })
    const ran = await world.run(
      client,
      `wget -qO- 10.244.0.5/hostname; echo
wget -qO- 10.244.0.6:8080
wget -qO- 10.244.0.8
echo PING | nc -w 1 10.244.0.9 6379
echo hostname | nc -u -w 1 10.244.0.5 8081; echo
/agnhost connect 10.244.0.5:80 --timeout=1s; echo $?
/agnhost connect 10.244.0.5:81 --timeout=1s; echo $?
/agnhost connect 10.244.0.99:80 --timeout=1s; echo $?`,
    )
    expect(ran.output).toBe(
      'net\nHello, world!\nVersion: 2.0.0\nHostname: hello\n<html><body><h1>It works!</h1></body></html>\n+PONG\r\nnet\n0\nREFUSED\n1\nTIMEOUT\n1\n',
    )
  })

  test('serve curl, with its own numbers for what went wrong', async () => {
    addDns(world)
    world.addPod({ name: 'web', ip: '10.244.0.5', image: 'nginx' })
    const client = world.addPod({
      name: 'client',
      ip: '10.244.0.7',
      image: 'curlimages/curl',
      container: { command: ['sleep', 'infinity'] },
    })
    const ran = await world.run(
      client,
      `curl -s -o /dev/null -w '%{http_code}\\n' 10.244.0.5
curl -s nosuch; echo $?; curl -sS --max-time 2 10.244.0.99; echo $?; curl -s 10.244.0.5:81; echo $?`,
    )
    expect(ran.output).toMatch(
      /^200\n6\ncurl: \(28\) Connection timed out after 200\d milliseconds\n28\n7\n$/,
    )
  })
})

describe('a probe script', () => {
  test('measures by /proc/uptime how a connection ended', async () => {
    addDns(world)
    world.addPod({ name: 'web', ip: '10.244.0.5', image: 'nginx' })
    const client = alpine('test', ['sleep', 'infinity'])
    const probe = async (address: string, port: number) => {
      const ran = await world.run(
        client,
        `read a _ </proc/uptime; nc -z -w 2 ${address} ${port} </dev/null >/dev/null 2>&1; c=$?; read b _ </proc/uptime; echo "$c $a $b"`,
      )
      const [code, from, to] = ran.output.trim().split(' ').map(Number)
      return { code, seconds: Math.round((to ?? 0) - (from ?? 0)) }
    }
    expect(await probe('10.96.0.10', 53)).toEqual({ code: 0, seconds: 0 })
    expect(await probe('10.244.0.5', 81)).toEqual({ code: 1, seconds: 0 })
    expect(await probe('10.244.0.99', 80)).toEqual({ code: 1, seconds: 2 })
  })
})
