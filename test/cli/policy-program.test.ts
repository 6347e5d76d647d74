import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programPath } from '../e2e/program.ts'
import { openPlace, type ProgramPlace } from './run-program.ts'

/** The commands about policies as the built program has them, each form once. */
let place: ProgramPlace
const EXAMPLES = resolve(import.meta.dirname, '../../docs/examples')
const SHOP = ['-f', join(EXAMPLES, 'shop.yaml'), '-f', join(EXAMPLES, 'policies.yaml')]

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(place.folder, name)
  await mkdir(path, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  return path
}

/** A line of a shell; `$LAB` is the program. */
function shell(
  line: string,
): Promise<{ readonly out: string; readonly err: string; readonly code: number }> {
  return new Promise((done) => {
    const env = { ...process.env, LAB: `${process.execPath} ${programPath()}`, LC_ALL: 'C.UTF-8' }
    const child = execFile(
      'bash',
      ['-c', `set -o pipefail; ${line}`],
      { env, cwd: place.folder, maxBuffer: 1 << 28 },
      (error, out, err) => {
        done({ out, err, code: error === null ? 0 : Number(error.code) })
      },
    )
    child.stdin?.end()
  })
}

const KINDS = `apiVersion: v1
kind: List
items:
- {apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {metadata: {labels: {app: nightly}}, spec: {containers: [{name: c, image: x}]}}}}}}
- {apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {template: {metadata: {labels: {app: once}}, spec: {containers: [{name: c, image: x}]}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 5432}]}]}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 9100}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}}}
---
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone", "labels": {"app": "alone"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
`

describe('matrix, built', () => {
  it('prints its table, and each other form', async () => {
    const table = await place.run(['matrix', ...SHOP])
    expect(table).toMatchObject({ code: 0, stderr: '' })
    expect(table.stdout).toMatch(/^shop\/report +✗ +✓$/m)
    const json = await place.run(['matrix', ...SHOP, '--json'])
    expect(JSON.parse(json.stdout).flows.length).toBeGreaterThan(3)
    expect((await place.run(['matrix', ...SHOP, '--csv'])).stdout).toContain(
      'shop,report,1,shop,db-0,1,5432,TCP,false',
    )
    expect((await place.run(['matrix', ...SHOP, '--dot'])).stdout).toMatch(/^digraph /)
    expect((await place.run(['matrix', ...SHOP, '--ascii'])).stdout).toMatch(
      /^shop\/report +x +\+$/m,
    )
    const diff = await place.run(['matrix', ...SHOP, '--diff', join(EXAMPLES, 'stricter.yaml')])
    expect(diff).toMatchObject({ code: 1 })
    expect(diff.stdout).toContain('- closes shop/report -> shop/web-1:8080\n')
  })

  it('takes every kind that makes pods, from Lists and documents, in YAML and JSON', async () => {
    const kinds = await folder('kinds', { 'all.yaml': KINDS })
    const { stdout } = await place.run(['matrix', '-f', kinds, '--json'])
    const groups: { readonly name: string; readonly pods: readonly string[] }[] =
      JSON.parse(stdout).groups
    expect(groups.map(({ name, pods }) => `${name} ${pods.length}`)).toEqual([
      'agent-1 2',
      'alone 1',
      'db-0 1',
      'nightly 1',
      'once 1',
      'web-1 2',
    ])
  })

  it('reads a folder beside its README, with Windows line ends and files without objects', async () => {
    const [shop, policies] = await Promise.all(
      ['shop.yaml', 'policies.yaml'].map((name) => readFile(join(EXAMPLES, name), 'utf8')),
    )
    const mixed = await folder('mixed', {
      'README.md': '# not a manifest: [',
      'a.yaml': shop ?? '',
      'b.yml': (policies ?? '').replaceAll('\n', '\r\n'),
      'blank.yaml': '',
      'notes.yaml': '---\n# only a comment\n---\n',
    })
    const { stdout, code } = await place.run(['matrix', '-f', mixed])
    expect(stdout).toBe((await place.run(['matrix', ...SHOP])).stdout)
    expect(code).toBe(0)
    const explained = await place.run([
      'explain',
      '-f',
      mixed,
      '--from',
      'shop/report',
      '--to',
      'shop/db',
      '--port',
      '5432',
    ])
    expect(explained.stdout).toContain(`\n  ${join(mixed, 'b.yml')}:11: ingress rule 1 of db\n`)
  })

  it('puts pods with the same row and column together where the table would not fit', async () => {
    const many = Array.from(
      { length: 30 },
      (_, at) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: p${at}, labels: {app: p${at}}}\nspec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}\n`,
    )
    const one =
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: one}\nspec: {podSelector: {matchLabels: {app: p7}}, ingress: [{from: [{podSelector: {matchLabels: {app: p8}}}]}]}\n'
    const path = await folder('many', { 'all.yaml': [...many, one].join('---\n') })
    const { stdout } = await place.run(['matrix', '-f', path])
    expect(stdout).toBe(
      [
        'FROM \\ TO        default/p0:80  default/p7:80  default/p8:80',
        'default/p0 (28)  ✓              ✗              ✓',
        'default/p7       ✓              ·              ✓',
        'default/p8       ✓              ✓              ·',
        '',
        '✓ allowed   ✗ denied   · the pod itself   (2) so many pods of a namespace with the same row and column',
        '',
      ].join('\n'),
    )
    const { stdout: json } = await place.run(['matrix', '-f', path, '--json'])
    expect(JSON.parse(json).groups, 'for programs each stands alone').toHaveLength(30)
  })
})

describe('explain, built', () => {
  it('is 0 for allowed, 1 for denied, 2 for a wrong question, 3 without a cluster', async () => {
    const ask = (...words: string[]) => place.run(['explain', ...words])
    expect(
      (await ask(...SHOP, '--from', 'shop/web', '--to', 'shop/db', '--port', '5432')).code,
    ).toBe(0)
    const denied = await ask(
      ...SHOP,
      '--from',
      'shop/web',
      '--to',
      'shop/db',
      '--port',
      '5432/SCTP',
    )
    expect(denied.code).toBe(1)
    expect(denied.stdout).toContain('the peer matches, this is 5432/SCTP')
    expect((await ask(...SHOP, '--from', 'shop/nobody', '--to', 'shop/db')).code).toBe(2)
    expect((await ask('--from', 'a', '--to', 'b')).code).toBe(3)
  })

  it('follows the port of a node to the pods behind it', async () => {
    const files = await folder('node-port', {
      'all.yaml': `apiVersion: v1
kind: Node
metadata: {name: node-2}
status: {addresses: [{type: InternalIP, address: 172.18.0.3}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-1, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: office}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}
`,
    })
    const { stdout, code } = await place.run([
      'explain',
      '-f',
      files,
      '--from',
      '203.0.113.7',
      '--to',
      'node/node-2',
      '--port',
      '30080',
    ])
    expect(stdout).toMatch(
      /^203\.0\.113\.7 -> web:8080\/TCP is denied by the policies\.\nPort 30080 of every node belongs to service web/,
    )
    expect(stdout).toContain("Node node-2 puts its own address in place of the sender's")
    expect(code).toBe(1)
    const lint = await place.run(['lint', '-f', files])
    expect(lint.stdout).toContain('default/office: sender-rewritten\n')
  })
})

describe('lint, built', () => {
  it('is 1 with findings and 0 without, as text and as JSON', async () => {
    const args = ['lint', '-f', join(EXAMPLES, 'shop.yaml'), '-f', join(EXAMPLES, 'mistakes.yaml')]
    const { stdout, code } = await place.run(args)
    expect(stdout).toMatch(/3 findings in 1 policy\.\n$/)
    expect(code).toBe(1)
    const json = await place.run([...args, '--json'])
    expect(JSON.parse(json.stdout).findings.map(({ id }: { id: string }) => id)).toContain(
      'service-port',
    )
    expect(await place.run(['lint', ...SHOP])).toMatchObject({
      code: 0,
      stdout: 'Nothing found in 1 policy.\n',
    })
  })

  it('names file, line and what is wrong, and uses nothing else', async () => {
    const bad = await folder('bad', {
      'bad.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  podSelector: {}\n  ingress:\n  - from:\n    - {}\n',
    })
    const { stdout, stderr, code } = await place.run(['lint', ...SHOP, '-f', bad])
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /bad\.yaml:8: NetworkPolicy a: spec\.ingress\[0\]\.from\[0\]: Required value: must specify a peer\./,
    )
    expect(code).toBe(2)
  })
})

describe.skipIf(process.platform === 'win32')('in a shell, built', () => {
  it('reads stdin, and ends in silence where the reader of its output is gone', async () => {
    const piped = await shell(
      `cat ${EXAMPLES}/policies.yaml | $LAB lint -f ${EXAMPLES}/shop.yaml -f -`,
    )
    expect(piped).toEqual({ out: 'Nothing found in 1 policy.\n', err: '', code: 0 })
    const pods = Array.from(
      { length: 150 },
      (_, at) =>
        `---\napiVersion: v1\nkind: Pod\nmetadata: {name: p${at}, labels: {app: p${at}}}\nspec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}\n`,
    )
    const big = await folder('big', { 'big.yaml': pods.join('') })
    const whole = await shell(`$LAB matrix -f ${big} --csv | wc -l`)
    expect(whole.out.trim()).toBe(String(150 * 149 + 1))
    const cut = await shell(`$LAB matrix -f ${big} --csv | head -1`)
    expect(cut.out).toMatch(/^from_namespace,/)
    expect(cut.err, 'no stack trace').toBe('')
  })
})

describe('a cluster, by the built program', () => {
  it('is the one of the lab without options, and any other by its context', async () => {
    const clusters = join(place.home, 'data', 'clusters', 'simulated')
    await mkdir(clusters, { recursive: true })
    const kubeconfig = join(clusters, 'kubeconfig')
    const served = await place.serve(['cluster', 'serve', '--kubeconfig', kubeconfig], /kubeconfig/)
    try {
      const { 'current-context': context } = JSON.parse(await readFile(kubeconfig, 'utf8'))
      const byContext = await place.run(['matrix', '--context', context, '-n', 'kube-system'], {
        env: { KUBECONFIG: kubeconfig },
      })
      expect(byContext.stdout).toMatch(/kube-system\/coredns/)
      expect(byContext.code).toBe(0)
      const own = await place.run(['lint'])
      expect(own).toMatchObject({ code: 0, stdout: 'Nothing found in 0 policies.\n' })
    } finally {
      await served.stop()
    }
  })
})
