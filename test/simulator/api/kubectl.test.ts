import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../../src/platform/real-clock.ts'
import { openTestCluster, type TestCluster } from '../support/cluster.ts'

const run = promisify(execFile)

/** The version of the kubectl on the PATH, or nothing. */
async function findKubectl(): Promise<number | undefined> {
  try {
    const { stdout } = await run('kubectl', ['version', '--client', '-o', 'json'], {
      timeout: 20_000,
    })
    return Number(/"minor": "(\d+)/.exec(stdout)?.[1])
  } catch {
    return undefined
  }
}

const minor = await findKubectl()
const reason =
  minor === undefined
    ? 'no kubectl on the PATH'
    : minor < 30
      ? `kubectl 1.${minor} is older than 1.30`
      : undefined
if (reason !== undefined) process.stderr.write(`kubectl smoke test skipped: ${reason}\n`)

describe.skipIf(reason !== undefined)('a real kubectl', () => {
  let cluster: TestCluster
  let folder: string
  const kubectl = async (...args: string[]) => {
    const env = {
      ...process.env,
      KUBECONFIG: join(folder, 'config'),
      KUBECACHEDIR: join(folder, 'cache'),
      HOME: folder,
    }
    try {
      const { stdout, stderr } = await run('kubectl', args, { env, timeout: 25_000, cwd: folder })
      return { code: 0, stdout, stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, stdout, stderr }
    }
  }
  const policy = (rules: string) => `kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata:
  name: deny
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Egress
${rules}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-'))
    cluster = openTestCluster({ clock: createRealClock() })
    const { server, token, certificateAuthority } = await cluster.listen()
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'lab',
          cluster: {
            server,
            'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'),
          },
        },
      ],
      users: [{ name: 'lab', user: { token } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    }
    await writeFile(join(folder, 'config'), JSON.stringify(config), { mode: 0o600 })
  })
  afterAll(async () => {
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('runs a pod with its service, waits for it and sees it', async () => {
    const created = await kubectl(
      'run',
      'web',
      '--image=nginx',
      '--labels=app=web',
      '--port=80',
      '--expose',
    )
    expect(created.stdout).toBe('service/web created\npod/web created\n')
    expect((await kubectl('wait', '--for=condition=Ready', 'pod/web')).stdout).toBe(
      'pod/web condition met\n',
    )
    const { stdout } = await kubectl('get', 'pod', 'web', '-o', 'wide')
    expect(stdout).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb +1\/1 +Running +0 +\d+s +10\.244\.0\.\d+ +netpol-lab-control-plane +<none> +<none>\n$/,
    )
    expect((await kubectl('get', 'svc', 'web', '--no-headers')).stdout).toMatch(
      /^web +ClusterIP +10\.96\.\d+\.\d+ +<none> +80\/TCP +\d+s\n$/,
    )
    expect((await kubectl('describe', 'pod', 'web')).stdout).toContain('Started container web')
  })

  it('executes, reads logs and passes exit codes on', async () => {
    expect((await kubectl('exec', 'web', '--', 'echo', 'hi')).stdout).toBe('hi\n')
    const failed = await kubectl('exec', 'web', '--', 'fail', '7')
    expect(failed).toMatchObject({
      code: 7,
      stderr: 'it failed\ncommand terminated with exit code 7\n',
    })
    const missing = await kubectl('exec', 'web', '--', 'bash')
    expect(missing.stderr).toMatch(
      /^error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: .*exec: "bash": executable file not found in \$PATH: unknown\n$/,
    )
    expect((await kubectl('logs', 'web')).stdout).toBe('started web\n')
  })

  it('applies: created, unchanged, configured', async () => {
    const rule = '  egress:\n  - ports:\n    - port: 53\n      protocol: UDP\n'
    await writeFile(join(folder, 'np.yaml'), policy(rule))
    const name = 'networkpolicy.networking.k8s.io/deny'
    expect((await kubectl('apply', '-f', 'np.yaml')).stdout).toBe(`${name} created\n`)
    expect((await kubectl('apply', '-f', 'np.yaml')).stdout).toBe(`${name} unchanged\n`)
    await writeFile(join(folder, 'np.yaml'), policy(rule.replace('53', '54')))
    expect((await kubectl('apply', '-f', 'np.yaml')).stdout).toBe(`${name} configured\n`)
    expect((await kubectl('get', 'netpol')).stdout).toMatch(
      /^NAME +POD-SELECTOR +AGE\ndeny +app=web +\d+s\n$/,
    )
    expect((await kubectl('describe', 'netpol', 'deny')).stdout).toContain('To Port: 54/UDP')
    expect(
      (await kubectl('apply', '--server-side', '--force-conflicts', '-f', 'np.yaml')).stdout,
    ).toBe(`${name} serverside-applied\n`)
  })

  it('prints the errors of the server', async () => {
    await writeFile(
      join(folder, 'bad.yaml'),
      policy('').replace('podSelector', 'podSelectr').replace('deny', 'bad'),
    )
    const unknown = await kubectl('apply', '-f', 'bad.yaml')
    expect(unknown).toMatchObject({
      code: 1,
      stderr:
        'Error from server (BadRequest): error when creating "bad.yaml": NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: strict decoding error: unknown field "spec.podSelectr"\n',
    })
    await writeFile(
      join(folder, 'bad.yaml'),
      policy('  ingress: [{ports: [{port: "80"}]}]\n').replace('deny', 'bad'),
    )
    expect((await kubectl('create', '-f', 'bad.yaml')).stderr).toBe(
      'The NetworkPolicy "bad" is invalid: spec.ingress[0].ports[0].port: Invalid value: "80": must contain at least one letter (a-z)\n',
    )
    expect((await kubectl('get', 'pod', 'none')).stderr).toBe(
      'Error from server (NotFound): pods "none" not found\n',
    )
    expect((await kubectl('get', 'nothing')).stderr).toBe(
      'error: the server doesn\'t have a resource type "nothing"\n',
    )
  })

  it('labels, annotates and patches', async () => {
    expect((await kubectl('label', 'pod', 'web', 'tier=front')).stdout).toBe('pod/web labeled\n')
    expect((await kubectl('get', 'pods', '-l', 'tier=front', '-o', 'name')).stdout).toBe(
      'pod/web\n',
    )
    expect((await kubectl('annotate', 'pod', 'web', 'note=x')).stdout).toBe('pod/web annotated\n')
    const patch = '{"metadata":{"labels":{"tier":null}}}'
    expect((await kubectl('patch', 'pod', 'web', '-p', patch)).stdout).toBe('pod/web patched\n')
  })

  it('explains fields and lists resources', async () => {
    expect((await kubectl('explain', 'netpol.spec.egress')).stdout).toContain(
      'FIELDS:\n  ports\t<[]NetworkPolicyPort>',
    )
    expect((await kubectl('api-resources', '--no-headers', '-o', 'name')).stdout).toContain(
      'networkpolicies.networking.k8s.io\n',
    )
    expect((await kubectl('version')).stdout).toContain('Server Version: v1.32')
  })

  it('deletes', async () => {
    expect((await kubectl('delete', 'pod,svc', 'web')).stdout).toBe(
      'pod "web" deleted\nservice "web" deleted\n',
    )
    expect((await kubectl('get', 'pods')).stderr).toBe('No resources found in default namespace.\n')
  })

  it('rolls workloads out, back and away, and waits for jobs', async () => {
    const file = join(folder, 'workloads.yaml')
    const template = (command: string, policy = 'Always') => ({
      metadata: { labels: { app: 'w' } },
      spec: {
        restartPolicy: policy,
        containers: [{ name: 'a', image: 'alpine', command: command.split(' ') }],
      },
    })
    const selector = { matchLabels: { app: 'w' } }
    const objects = [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: { replicas: 2, serviceName: 'db', selector, template: template('sleep') },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once' },
        spec: { template: template('echo done', 'Never') },
      },
    ]
    await writeFile(file, objects.map((object) => JSON.stringify(object)).join('\n'))
    const applied = await kubectl('apply', '-f', file)
    expect(applied.stdout).toBe('statefulset.apps/db created\njob.batch/once created\n')
    expect((await kubectl('rollout', 'status', 'sts/db', '--timeout=20s')).stdout).toContain(
      'partitioned roll out complete: 2 new pods have been updated...\n',
    )
    expect((await kubectl('wait', '--for=condition=complete', 'job/once')).stdout).toBe(
      'job.batch/once condition met\n',
    )
    expect((await kubectl('logs', 'job/once')).stdout).toContain('done\n')
    expect((await kubectl('get', 'sts,jobs', '--no-headers')).stdout.replace(/ +/g, ' ')).toMatch(
      /^statefulset\.apps\/db 2\/2 \d+s\n\n?job\.batch\/once Complete 1\/1 \d+s \d+s\n$/,
    )
    await kubectl('set', 'image', 'sts/db', 'a=busybox')
    await kubectl('rollout', 'status', 'sts/db', '--timeout=20s')
    expect((await kubectl('rollout', 'history', 'sts/db')).stdout).toMatch(/\n1 .*\n2 /)
    await kubectl('rollout', 'undo', 'sts/db')
    await kubectl('rollout', 'status', 'sts/db', '--timeout=20s')
    const image = '-o=jsonpath={.spec.containers[0].image}'
    expect((await kubectl('get', 'pod', 'db-1', image)).stdout).toBe('alpine')
    expect((await kubectl('delete', '-f', file, '--cascade=foreground')).stdout).toBe(
      'statefulset.apps "db" deleted\njob.batch "once" deleted\n',
    )
    expect((await kubectl('get', 'pods', '-l', 'app=w')).stderr).toBe(
      'No resources found in default namespace.\n',
    )
  })
})
