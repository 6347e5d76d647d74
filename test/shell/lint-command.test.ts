import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPolicyAdvisor } from '../../src/shell/commands/policy-advisor.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await openLab()
  await lab.run('kubectl run web --image=nginx --port=80 -l app=web')
  await lab.run('kubectl wait --for=condition=Ready pod/web')
})

afterAll(() => lab.close())

const policy = (label: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec:\n  podSelector: {matchLabels: {app: ${label}}}\n`

describe('lint', () => {
  it('holds the policies of a file against the pods that are there, with file and line', async () => {
    await lab.write('typo.yaml', policy('wbe'))
    const { out, code } = await lab.run('lint typo.yaml')
    expect(out).toMatch(/^typo\.yaml:5: deny: selects-no-pod\n {2}No pod in namespace default has /)
    expect(code).toBe(1)
    expect((await lab.run('kubectl get netpol')).err).toMatch(/^No resources found/)
  })

  it('says that nothing was found, of the policies of the cluster as well', async () => {
    await lab.write('right.yaml', policy('web'))
    expect(await lab.run('lint right.yaml')).toMatchObject({
      out: 'Nothing found in 1 policy.\n',
      code: 0,
    })
    expect((await lab.run('lint')).out).toBe('Nothing found in 0 policies.\n')
  })

  it('refuses options, missing files, and files that cannot be read', async () => {
    await lab.write('bad.yaml', 'kind: [\n')
    expect((await lab.run('lint --all')).code).toBe(2)
    expect((await lab.run('lint nope.yaml')).err).toBe(
      'error: the path "nope.yaml" does not exist\n',
    )
    expect((await lab.run('lint bad.yaml')).err).toMatch(/^error: bad\.yaml:\d: This is neither /)
  })
})

describe('what the lab says of a policy that was applied', () => {
  const { signal } = new AbortController()

  it('is what lint finds in it as it is in the cluster, and nothing of other policies', async () => {
    await lab.write('typo.yaml', policy('wbe'))
    await lab.run('kubectl apply -f typo.yaml')
    const advisor = createPolicyAdvisor(lab.client)
    expect(await advisor.remarksOn(['deny'], signal)).toEqual([
      { policy: 'deny', text: 'No pod in namespace default has app=wbe. The policy does nothing.' },
    ])
    expect(await advisor.remarksOn(['other'], signal)).toEqual([])
    await lab.write('right.yaml', policy('web'))
    await lab.run('kubectl apply -f right.yaml')
    expect(await advisor.remarksOn(['deny'], signal)).toEqual([])
  })

  it('names the namespace where it is not the usual one', async () => {
    await lab.write(
      'far.yaml',
      policy('web').replace('name: deny', 'name: deny, namespace: kube-public'),
    )
    await lab.run('kubectl apply -f far.yaml')
    const [remark] = await createPolicyAdvisor(lab.client).remarksOn(['deny'], signal)
    expect(remark?.policy).toBe('kube-public/deny')
    await lab.run('kubectl delete netpol deny -n kube-public')
  })

  it('is nothing where the cluster shows too little', async () => {
    const blind = { ...lab.client, list: () => Promise.reject(new Error('forbidden')) }
    expect(await createPolicyAdvisor(blind).remarksOn(['deny'], signal)).toEqual([])
  })
})
