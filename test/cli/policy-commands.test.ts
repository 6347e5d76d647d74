import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSimulated } from '../../src/cluster/simulated/serve-simulated.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { runCommand } from './run-command.ts'

const SHOP = ['-f', 'docs/examples/shop.yaml', '-f', 'docs/examples/policies.yaml']

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-commands-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe.each(['matrix', 'explain', 'lint'])('the page of %s', (page) => {
  it('shows what its examples print', async () => {
    const text = await readFile(`docs/${page}.md`, 'utf8')
    const examples = [
      ...text.matchAll(/```console(?: exit=(\d))?\n\$ netpol-lab (.*)\n([\s\S]*?)```/g),
    ]
    expect(examples.length).toBeGreaterThan(0)
    for (const [, exit = '0', line = '', output = ''] of examples) {
      const { code, out, err } = await runCommand(line.split(' '))
      expect(out, line).toBe(output)
      expect(code, `${line}: ${err}`).toBe(Number(exit))
    }
  })
})

describe('matrix', () => {
  it('prints groups and flows as JSON, and a graph of what is allowed', async () => {
    const json = await runCommand(['matrix', ...SHOP, '--json'])
    const { groups, flows } = JSON.parse(json.out)
    expect(groups).toContainEqual({
      namespace: 'shop',
      name: 'web-1',
      labels: { app: 'web' },
      pods: ['web-1', 'web-2'],
      ports: [{ port: 8080, protocol: 'TCP' }],
    })
    expect(flows).toContainEqual({
      from: 'shop/report',
      to: 'shop/db-0',
      port: 5432,
      protocol: 'TCP',
      allowed: false,
    })
    const lines = json.out.split('\n').filter((line) => line.includes('"allowed"'))
    expect(lines, 'a flow a line').toHaveLength(flows.length)
    const dot = await runCommand(['matrix', ...SHOP, '--dot'])
    expect(dot.out).toContain('"shop/web-1" -> "shop/db-0" [label="5432"]')
    expect(dot.out).not.toContain('"shop/report" -> "shop/db-0"')
  })

  it('keeps pods of other address families apart where a policy names a block', async () => {
    const pods = await file(
      'families.yaml',
      ['a 10.0.0.1', 'b fd00::1', 'c 10.0.0.2 fd00::2']
        .map((line) => {
          const [name, ...ips] = line.split(' ')
          return `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {is: ${name === 'c' ? 'target' : 'source'}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
status: {podIPs: [${ips.map((ip) => `{ip: "${ip}"}`)}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: leaving}
spec:
  podSelector: {matchLabels: {is: source}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: "fd00::2/128"}}]}]
`
        })
        .join('---\n'),
    )
    const { out } = await runCommand(['matrix', '-f', pods, '--csv'])
    expect(out).toContain('default,a,1,default,c,1,80,TCP,false\n')
    expect(out).toContain('default,b,1,default,c,1,80,TCP,true\n')
  })

  it('names a change of one address family between pods that have both', async () => {
    const dual = (name: string, at: number) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {is: ${name}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
status: {podIPs: [{ip: 10.0.0.${at}}, {ip: "fd00::${at}"}]}
---
`
    const from = (...cidrs: string[]) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: entering}
spec:
  podSelector: {matchLabels: {is: b}}
  ingress: [{from: [${cidrs.map((cidr) => `{ipBlock: {cidr: "${cidr}"}}`)}]}]
`
    const both = await file(
      'both.yaml',
      dual('a', 1) + dual('b', 2) + from('10.0.0.0/24', 'fd00::1/128'),
    )
    const four = await file('four.yaml', from('10.0.0.0/24'))
    const one = await runCommand(['matrix', '-f', both, '--diff', four])
    expect(one.out).toContain('- closes a -> b:80/TCP over IPv6: ')
    expect(one.code).toBe(1)
    const none = await file('none.yaml', from('192.0.2.0/24'))
    const { out } = await runCommand(['matrix', '-f', both, '--diff', none])
    expect(out).toMatch(/^- closes default\/a -> default\/b:80$/m)
    expect(out, 'once').not.toContain('over IPv')
  })

  it('prints JSON where nobody has a port', async () => {
    const silent = await file(
      'silent.yaml',
      `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: c, image: i}]}
`,
    )
    const { out } = await runCommand(['matrix', '-f', silent, '--json'])
    expect(JSON.parse(out)).toMatchObject({ groups: [{ name: 'a', ports: [] }], flows: [] })
  })

  it('paints only when asked or on a terminal, and has a form in ASCII', async () => {
    const plain = await runCommand(['matrix', ...SHOP, '--ascii'])
    expect(plain.out).toMatch(/^shop\/report +x +\+$/m)
    const painted = await runCommand(['matrix', ...SHOP, '--color', 'always'])
    expect(painted.out).toContain('\u001b[31m✗\u001b[39m')
    const locale = await runCommand(['matrix', ...SHOP], { NETPOL_LAB_ASCII: '1' })
    expect(locale.out).toBe(plain.out)
  })

  it('names changes that no column shows, and none for the same policies', async () => {
    const policy = await readFile('docs/examples/policies.yaml', 'utf8')
    const outside = await file('outside.yaml', policy.replace('5432', '5433'))
    const { out, code } = await runCommand(['matrix', ...SHOP, '--diff', outside])
    expect(out).toContain('- closes shop/web-1 (2) -> shop/db-0:5432\n')
    expect(out).toContain('Beyond these pods and their ports:\n+ opens shop/web-')
    expect(code).toBe(1)
    const same = await runCommand(['matrix', ...SHOP, '--diff', 'docs/examples/policies.yaml'])
    expect(same).toMatchObject({ out: 'No flow changes.\n', code: 0 })
  })

  it('refuses options that do not go together, and a namespace without pods', async () => {
    expect((await runCommand(['matrix', ...SHOP, '--json', '--csv'])).code).toBe(2)
    expect((await runCommand(['matrix', ...SHOP, '-n', 'nope'])).err).toMatch(/namespace nope/)
  })
})

describe('manifests', () => {
  it.each([
    ['no YAML', 'kind: [', /bad\.yaml:1: This is neither YAML nor JSON/],
    [
      'a field that policies do not have',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  podSelector:\n    labels: {a: b}\n',
      /bad\.yaml:6: There is no field spec\.podSelector\.labels; here may stand matchLabels, matchExpressions\./,
    ],
    [
      'a policy that an API server refuses',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  podSelector: {}\n  ingress:\n  - ports:\n    - port: 70000\n',
      /bad\.yaml:8: NetworkPolicy a: spec\.ingress\[0\]\.ports\[0\]\.port: /,
    ],
    ['an object without a kind', 'metadata: {name: a}\n', /bad\.yaml:1: It has no apiVersion\./],
  ])('end every command when there is %s: nothing else is used', async (_what, text, message) => {
    const bad = await file('bad.yaml', text)
    for (const command of [['matrix'], ['lint'], ['explain', '--from', 'a', '--to', 'b']]) {
      const { code, out, err } = await runCommand([...command, ...SHOP, '-f', bad])
      expect(err).toMatch(message)
      expect(out).toBe('')
      expect(code).toBe(2)
    }
  })

  it('say of a file that is not there', async () => {
    expect(await runCommand(['lint', '-f', join(folder, 'nope.yaml')])).toMatchObject({
      code: 2,
      out: '',
    })
  })
})

describe('explain', () => {
  const explain = (...words: string[]) => runCommand(['explain', ...SHOP, ...words])

  it('finds pods, workloads, services, hosts and addresses', async () => {
    const to = async (name: string) =>
      (await explain('--from', 'shop/deployment/web', '--to', name, '--port', '80', '-n', 'shop'))
        .out
    expect(await to('service/web')).toMatch(/^web-1 -> web-1:8080\/TCP is allowed/)
    expect(await to('web.shop')).toContain('Service web sends port 80 to pod web-1, port 8080.')
    expect(await to('203.0.113.9')).toMatch(/^web-1 -> 203\.0\.113\.9:80\/TCP is allowed/)
    expect(await to('report')).toMatch(/^web-1 -> report:80\/TCP is allowed/)
  })

  it('tells ends that are not there, and ports that are none', async () => {
    const nobody = await explain('--from', 'shop/nobody', '--to', 'shop/db')
    expect(nobody).toMatchObject({ code: 2, out: '' })
    expect(nobody.err).toMatch(/^netpol-lab: There is no pod /)
    expect((await explain('--from', 'shop/web', '--to', 'shop/db', '--port', 'x')).code).toBe(2)
    expect((await explain('--from', 'shop/web')).code).toBe(2)
  })

  it('says when an address that was made up for a pod decides', async () => {
    const block = await file(
      'block.yaml',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: block, namespace: shop}\nspec:\n  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from:\n    - ipBlock: {cidr: 192.168.0.0/16}\n',
    )
    const { err, code } = await explain('-f', block, '--from', 'shop/report', '--to', 'shop/web')
    expect(err).toMatch(/report and web-1 stand in with one of 10\.244\.0\.0\/16/)
    expect(code).toBe(1)
  })
})

describe('a cluster', () => {
  it('that is not there is exit code 3, and an unknown context 2', async () => {
    const home = { NETPOL_LAB_HOME: folder, KUBECONFIG: join(folder, 'none') }
    expect((await runCommand(['matrix'], home)).code).toBe(3)
    expect((await runCommand(['lint', '--context', 'nope'], home)).code).toBe(2)
  })

  it('is read through a context, and policies of files are held against its pods', async () => {
    const kubeconfig = join(folder, 'served')
    const served = await serveSimulated({ clock: createFastClock(), kubeconfig })
    try {
      const { 'current-context': context } = JSON.parse(await readFile(kubeconfig, 'utf8'))
      const options = { KUBECONFIG: kubeconfig, NETPOL_LAB_HOME: folder }
      const table = await runCommand(['matrix', '--context', context, '-n', 'kube-system'], options)
      expect(table.out).toMatch(/kube-system\/coredns.*:53/)
      const policy = await file(
        'dns.yaml',
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: dns, namespace: kube-system}\nspec:\n  podSelector: {matchLabels: {k8s-app: kube-dsn}}\n',
      )
      const lint = await runCommand(['lint', '--context', context, '-f', policy], options)
      expect(lint.out).toContain(`${policy}:5: kube-system/dns: selects-no-pod\n`)
      expect(lint.out).toContain('k8s-app=kube-dns')
      expect(lint.code).toBe(1)
    } finally {
      await served.close()
    }
  })
})
