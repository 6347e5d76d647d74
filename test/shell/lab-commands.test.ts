import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, openLab } from './lab.ts'

const policy = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec:\n  podSelector: {matchLabels: {app: web}}\n${spec}`

let lab: Lab

beforeAll(async () => {
  lab = await openLab()
  await lab.write('a.yaml', policy('  policyTypes: [Ingress]\n'))
  await lab.write('same.yaml', policy('  ingress: []\n'))
  await lab.write('other.yaml', policy('  policyTypes: [Egress]\n'))
  await lab.write('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n')
  await lab.run(
    'kubectl run web --image=nginx --port=80 --expose -l app=web; kubectl run foo --image=alpine -l app=foo -- sleep 1d; kubectl wait --for=condition=Ready pod/web pod/foo',
  )
})

afterAll(() => lab.close())

describe('what is text for reading', () => {
  it('breaks between words where there is a terminal, and nowhere else', async () => {
    const terminal = { columns: 40, rows: 20 }
    for (const line of ['help', 'lint', 'compare a.yaml other.yaml', 'nano a.yaml']) {
      const plain = await lab.run(line)
      const { out, err } = await lab.run(line, { terminal })
      const rows = `${out}${err}`.split('\n')
      for (const row of rows) expect(row.trim().includes(' ') ? row : '').toMatch(/^.{0,40}$/)
      const words = (text: string) => text.trim().split(/\s+/)
      expect(words(rows.join('\n'))).toEqual(words(`${plain.out}${plain.err}`))
    }
  })
})

describe('compare', () => {
  it('says that two files mean the same, however they are written', async () => {
    const { out, code } = await lab.run('compare a.yaml same.yaml')
    expect(out).toMatch(/^a\.yaml and same\.yaml mean the same: /)
    expect(code).toBe(0)
  })

  it('names what the second opens and closes', async () => {
    const { out, code } = await lab.run('compare a.yaml other.yaml')
    expect(out).toMatch(/^a\.yaml and other\.yaml do not mean the same\./)
    expect(out).toContain('  opens foo -> web:80/TCP: ')
    expect(out).toContain('  closes web -> ')
    expect(code).toBe(1)
  })

  it('says what applying a file would change, and changes nothing', async () => {
    const { out } = await lab.run('compare a.yaml')
    expect(out).toContain('  closes foo -> web:80/TCP: ')
    expect((await lab.run('kubectl get netpol')).err).toBe(
      'No resources found in default namespace.\n',
    )
  })

  it('refuses files without policies and names that are not there', async () => {
    expect((await lab.run('compare none.yaml a.yaml')).err).toMatch(/holds no NetworkPolicy/)
    expect((await lab.run('compare a.yaml nope.yaml')).err).toBe(
      'error: the path "nope.yaml" does not exist\n',
    )
    expect((await lab.run('compare')).code).toBe(2)
  })
})

describe('explain and matrix', () => {
  it('give the verdict and the reason of both sides, through services too', async () => {
    const open = await lab.run('explain --from foo --to service/web --port 80')
    expect(open.out).toMatch(
      /^foo -> web:80\/TCP is allowed by the policies\.\nService web sends port 80 /,
    )
    expect(open.code).toBe(0)
    await lab.run('kubectl apply -f a.yaml')
    const closed = await lab.run('explain --from foo --to web --port 80/TCP')
    expect(closed.out).toMatch(/^foo -> web:80\/TCP is denied by the policies\.\n/)
    expect(closed.out).toContain('Entering web: denied, ')
    expect(closed.code).toBe(1)
  })

  it('name the line of the file that a policy was applied from, while it says what is in force', async () => {
    await lab.write('broken.yaml', 'kind: [')
    await lab.write(
      'lines.yaml',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: lines\nspec:\n  podSelector: {}\n  ingress:\n  - ports:\n    - port: 8080\n',
    )
    await lab.run('kubectl apply -f lines.yaml')
    const place = '\n  lines.yaml:8: ingress rule 1 of lines\n'
    const ask = async () => (await lab.run('explain --from foo --to web --port 80')).out
    expect(await ask()).toContain(place)
    await lab.run('kubectl label netpol lines kept=yes')
    expect(await ask(), 'labels of the policy do not matter').toContain(place)
    await lab.write(
      'lines.yaml',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: lines\nspec:\n  podSelector: {}\n  ingress:\n  - ports:\n    - port: 9090\n',
    )
    expect(await ask(), 'not applied yet').not.toContain('lines.yaml')
    await lab.run('kubectl delete netpol lines')
  })

  it('judge addresses outside, and say of names how to find the address', async () => {
    expect((await lab.run('explain --from foo --to 8.8.8.8 --port 53/UDP')).code).toBe(0)
    expect((await lab.run('explain --from foo --to www.example.com')).err).toMatch(
      /nslookup www\.example\.com/,
    )
    expect((await lab.run('explain --from nope --to web')).err).toMatch(/there is no pod nope/)
    expect((await lab.run('explain --from foo --to web --port x')).code).toBe(2)
  })

  it('show who reaches whom', async () => {
    await lab.run('kubectl apply -f a.yaml')
    expect((await lab.run('matrix')).out).toBe(
      'FROM \\ TO   web:80\nfoo         no\nweb         -\n',
    )
  })
})
