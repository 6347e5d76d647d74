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

  it('creates with protobuf bodies what it creates by name', async () => {
    expect((await kubectl('create', 'namespace', 'lab')).stdout).toBe('namespace/lab created\n')
    expect(await kubectl('create', 'namespace', 'lab')).toMatchObject({
      code: 1,
      stderr: 'Error from server (AlreadyExists): namespaces "lab" already exists\n',
    })
    const made = await kubectl(
      'create',
      'deployment',
      'd1',
      '--image=nginx',
      '--replicas=2',
      '-n',
      'lab',
    )
    expect(made.stdout).toBe('deployment.apps/d1 created\n')
    expect((await kubectl('create', 'cm', 'c1', '--from-literal=a=1', '-n', 'lab')).stdout).toBe(
      'configmap/c1 created\n',
    )
    expect(
      (await kubectl('create', 'svc', 'nodeport', 's1', '--tcp=80:http', '-n', 'lab')).stdout,
    ).toBe('service/s1 created\n')
    expect(
      (await kubectl('get', 'deploy', 'd1', '-n', 'lab', '-o', 'jsonpath={.spec.replicas}')).stdout,
    ).toBe('2')
  })

  it('asks what it may do', async () => {
    expect((await kubectl('auth', 'can-i', 'create', 'pods')).stdout).toBe('yes\n')
    expect(
      (await kubectl('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).stdout,
    ).toBe('kubernetes-admin')
  })

  it('defines a kind, explains it and applies objects of it', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            additionalPrinterColumns: [{ name: 'Size', type: 'string', jsonPath: '.spec.size' }],
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    properties: { size: { type: 'string', description: 'How big it is.' } },
                  },
                },
              },
            },
          },
        ],
      },
    }
    const widget = (spec: unknown) =>
      JSON.stringify({
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec,
      })
    await writeFile(join(folder, 'crd.json'), JSON.stringify(definition))
    expect((await kubectl('apply', '-f', 'crd.json')).stdout).toBe(
      'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created\n',
    )
    expect(
      (await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com')).stdout,
    ).toBe('customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met\n')
    await writeFile(join(folder, 'w.json'), widget({ size: 'small' }))
    expect((await kubectl('apply', '-f', 'w.json')).stdout).toBe('widget.example.com/w created\n')
    await writeFile(join(folder, 'w.json'), widget({ size: 'large' }))
    expect((await kubectl('apply', '-f', 'w.json')).stdout).toBe(
      'widget.example.com/w configured\n',
    )
    expect((await kubectl('get', 'wd')).stdout).toMatch(/^NAME +SIZE\nw +large\n$/)
    expect((await kubectl('explain', 'widget.spec.size')).stdout).toContain('    How big it is.')
    await writeFile(join(folder, 'w.json'), widget({ colour: 'red' }))
    expect((await kubectl('create', '-f', 'w.json')).stderr).toBe(
      'Error from server (BadRequest): error when creating "w.json": Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.colour"\n',
    )
    expect((await kubectl('delete', 'crd', 'widgets.example.com')).stdout).toBe(
      'customresourcedefinition.apiextensions.k8s.io "widgets.example.com" deleted\n',
    )
  })

  it('says that there are no metrics', async () => {
    expect(await kubectl('top', 'pods')).toMatchObject({
      code: 1,
      stderr: 'error: Metrics API not available\n',
    })
  })

  it('acts as somebody with fewer rights', async () => {
    await kubectl('create', 'role', 'reader', '--verb=list', '--resource=configmaps')
    await kubectl('create', 'rolebinding', 'readers', '--role=reader', '--user=ann')
    expect((await kubectl('auth', 'can-i', 'list', 'cm', '--as=ann')).stdout).toBe('yes\n')
    expect((await kubectl('auth', 'can-i', 'list', 'pods', '--as=ann')).stdout).toBe('no\n')
    expect((await kubectl('get', 'pods', '--as=ann')).stderr).toBe(
      'Error from server (Forbidden): pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"\n',
    )
    expect((await kubectl('create', 'token', 'default')).stdout).toMatch(
      /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/,
    )
  })

  it('explains fields in the words of Kubernetes and lists resources', async () => {
    expect((await kubectl('explain', 'netpol.spec.egress')).stdout).toContain(
      'FIELDS:\n  ports\t<[]NetworkPolicyPort>\n    ports is a list of destination ports for outgoing traffic.',
    )
    const containers = (await kubectl('explain', 'pods.spec.containers')).stdout
    expect(containers).toContain('FIELD: containers <[]Container>\n\n')
    expect(containers).toContain(
      '  name\t<string> -required-\n    Name of the container specified as a DNS_LABEL.',
    )
    expect(containers).toContain(
      '  imagePullPolicy\t<string>\n  enum: Always, IfNotPresent, Never\n',
    )
    const whole = (await kubectl('explain', 'deployment', '--recursive')).stdout
    expect(whole).toContain(
      '      rollingUpdate\t<RollingUpdateDeployment>\n        maxSurge\t<IntOrString>\n',
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
