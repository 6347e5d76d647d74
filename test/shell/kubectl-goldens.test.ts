import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, openLab } from './lab.ts'

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: foo-deny-egress
spec:
  podSelector:
    matchLabels:
      app: foo
  policyTypes:
  - Egress
  egress: []
`

let lab: Lab

beforeAll(async () => {
  lab = await openLab()
  await lab.write('deny.yaml', POLICY)
})

afterAll(() => lab.close())

/** What a line printed, with the error output behind a bar and the exit code where it is not 0. */
async function printed(line: string): Promise<string> {
  const { out, err, code } = await lab.run(line)
  return out + (err === '' ? '' : `|${err}`) + (code === 0 ? '' : `[${code}]`)
}

describe('kubectl of the lab on a simulated cluster', () => {
  it('runs the document’s first command, exposes the pod, and waits for it', async () => {
    const line = '$ kubectl run web --image=nginx --port 80 --expose \\\n    --labels app=web'
    expect(await printed(line)).toBe('service/web created\npod/web created\n')
    expect(await printed('kubectl wait --for=condition=Ready pod/web')).toBe(
      'pod/web condition met\n',
    )
    expect(await printed('kubectl get pod,svc web -o name')).toBe('pod/web\nservice/web\n')
  })

  it('accepts --generator as the document writes it, with a remark', async () => {
    const { out, err, code } = await lab.run(
      'kubectl run --generator=run-pod/v1 old --image=nginx --labels app=old',
    )
    expect([out, code]).toEqual(['pod/old created\n', 0])
    expect(err).toMatch(/^Note: kubectl has no --generator any more .*\n$/)
  })

  it('applies a policy: created, then configured where it changed, and shows it', async () => {
    expect(await printed('kubectl apply -f deny.yaml')).toBe(
      'networkpolicy.networking.k8s.io/foo-deny-egress created\n',
    )
    await lab.write(
      'deny.yaml',
      POLICY.replace('  egress: []\n', '').replace('app: foo', 'app: bar'),
    )
    expect(await printed('kubectl apply -f deny.yaml')).toBe(
      'networkpolicy.networking.k8s.io/foo-deny-egress configured\n',
    )
    expect(await printed('kubectl apply -f deny.yaml')).toBe(
      'networkpolicy.networking.k8s.io/foo-deny-egress unchanged\n',
    )
    expect(
      await printed("kubectl get netpol foo-deny-egress -o jsonpath='{.spec.podSelector}'"),
    ).toBe('{"matchLabels":{"app":"bar"}}')
    expect((await printed('kubectl describe netpol foo-deny-egress')).split('\n').slice(5)).toEqual(
      [
        'Spec:',
        '  PodSelector:     app=bar',
        '  Not affecting ingress traffic',
        '  Allowing egress traffic:',
        '    <none> (Selected pods are isolated for egress connectivity)',
        '  Policy Types: Egress',
        '',
      ],
    )
  })

  it('reads manifests from here-documents', async () => {
    const line = `kubectl apply -f - <<EOF\n${POLICY.replace('foo-deny-egress', 'typed')}EOF`
    expect(await printed(line)).toBe('networkpolicy.networking.k8s.io/typed created\n')
    expect(await printed('kubectl delete netpol typed')).toBe(
      'networkpolicy.networking.k8s.io "typed" deleted\n',
    )
  })

  it('shows a server’s refusal as kubectl does', async () => {
    const wrong = POLICY.replace('- Egress', '- egress').replace('foo-deny-egress', 'wrong')
    await lab.write('wrong.yaml', wrong)
    expect(await printed('kubectl apply -f wrong.yaml')).toBe(
      '|The NetworkPolicy "wrong" is invalid: spec.policyTypes[0]: Unsupported value: "egress": supported values: "Ingress", "Egress"\n[1]',
    )
    await lab.write(
      'typo.yaml',
      POLICY.replace('podSelector', 'podSelectr').replace('foo-', 'typo-'),
    )
    expect(await printed('kubectl apply -f typo.yaml')).toMatch(
      /^\|Error from server \(BadRequest\): error when creating "typo.yaml": .*strict decoding error: unknown field "spec.podSelectr"\n\[1\]$/,
    )
    expect(await printed('kubectl create -f typo.yaml')).toMatch(/strict decoding error/)
  })

  it('runs commands in pods and gives their exit codes back', async () => {
    expect(await printed('kubectl exec web -- cat /etc/hostname')).toBe('web\n')
    expect(await printed("kubectl exec web -- sh -c 'exit 7'")).toBe(
      '|command terminated with exit code 7\n[7]',
    )
    expect(await printed('kubectl exec -i web -- cat - <<EOF\nhi there\nEOF')).toBe('hi there\n')
  })

  it('labels, annotates and lists', async () => {
    expect(await printed('kubectl label pod web tier=front')).toBe('pod/web labeled\n')
    expect(await printed('kubectl label pod web tier=back')).toBe(
      "|error: 'tier' already has a value (front), and --overwrite is false\n[1]",
    )
    expect(await printed('kubectl label pod web tier-')).toBe('pod/web unlabeled\n')
    expect(await printed('kubectl annotate pod web note="a b"')).toBe('pod/web annotated\n')
    expect(await printed('kubectl get pods -l app=nobody')).toBe(
      '|No resources found in default namespace.\n',
    )
    expect(
      await printed('kubectl get pods -l app=web --no-headers -o custom-columns=N:.metadata.name'),
    ).toBe('web\n')
  })

  it('joins commands with ; && and ||', async () => {
    expect(await printed('kubectl get pod nope || kubectl get pod web -o name && pwd')).toBe(
      `pod/web\n${lab.folder}\n|Error from server (NotFound): pods "nope" not found\n`,
    )
    expect(await printed('kubectl get pod nope && pwd')).toBe(
      '|Error from server (NotFound): pods "nope" not found\n[1]',
    )
  })

  it('refuses other clusters and missing commands kindly', async () => {
    expect(await printed('kubectl --context prod get pods')).toMatch(
      /^\|error: the lab's kubectl does not have --context\. The lab has one cluster.*\n\[1\]$/,
    )
    expect(await printed('kubectl edit netpol foo')).toMatch(
      /^\|error: the lab's kubectl does not have the command edit\. Edit the file .*\n\[1\]$/,
    )
    expect(await printed('kubectl get pods -o go-template={{.x}}')).toMatch(/Use -o jsonpath/)
    expect(await printed('kubectl port-forward pod/web 8080:80')).toMatch(
      /does not have the command port-forward\. .*netpol-lab env prints the line/,
    )
    expect(await printed('kubectl rollout frob')).toMatch(/^\|error: unknown command "frob"/)
    expect(await printed('kubectl rollout')).toMatch(/rollout restart/)
  })

  it('never starts a program of the host', async () => {
    expect(await printed('bash -c true')).toMatch(
      /^\|sh: bash: not found\n.*starts no programs.*\n\[127\]$/s,
    )
    expect(await printed('kubctl get pods')).toMatch(/The nearest command here is kubectl/)
    expect(await printed('kubectl apply -f ../secret.yaml')).toMatch(
      /^\|error: \.\.\/secret\.yaml is not a file of your work folder\n/,
    )
    expect(await printed('cat /etc/passwd')).toMatch(/^\|cat: .* is not a file of your work folder/)
    expect(await printed('kubectl apply -f https://example.com/x.yaml')).toMatch(/does not fetch/)
  })

  it('has files, help and their errors', async () => {
    expect(await printed('ls')).toContain('deny.yaml\n')
    expect(await printed('cat nope')).toBe('|cat: nope: No such file or directory\n[1]')
    expect(await printed('cat - <<EOF\nx\nEOF')).toBe('x\n')
    expect(await printed('help')).toMatch(/^ {2}kubectl +Work on the cluster/)
    expect(await printed('help kubectl run')).toMatch(/^Run a particular image/)
    expect(await printed('help nope')).toMatch(/^\|help: there is no command nope/)
    expect(await printed('kubectl')).toMatch(/^The lab's kubectl/)
  })

  it('says how the document’s clean-up goes', async () => {
    expect(await printed('kubectl delete pod,service web')).toBe(
      'pod "web" deleted\nservice "web" deleted\n',
    )
    expect(await printed('kubectl delete networkpolicy foo-deny-egress')).toBe(
      'networkpolicy.networking.k8s.io "foo-deny-egress" deleted\n',
    )
    expect(await printed('kubectl get netpol')).toBe('|No resources found in default namespace.\n')
  })

  it('completes commands, flags, kinds, live names and files', async () => {
    const complete = async (line: string) => lab.shell.complete(line, line.length)
    expect(await complete('ku')).toEqual({ start: 0, words: ['kubectl'] })
    expect(await complete('ls; cat de')).toEqual({ start: 8, words: ['deny.yaml'] })
    expect((await complete('kubectl de')).words).toEqual(['delete', 'describe'])
    expect((await complete('kubectl create n')).words).toEqual(['namespace'])
    expect((await complete('kubectl run x --im')).words).toEqual(['--image', '--image-pull-policy'])
    expect(await complete('kubectl get pods,netw')).toEqual({
      start: 17,
      words: ['networkpolicies'],
    })
    expect((await complete('kubectl get pods ')).words).toEqual(['old'])
    expect(await complete('kubectl delete pod/o')).toEqual({ start: 19, words: ['old'] })
    expect((await complete('kubectl exec -it ')).words).toEqual(['old'])
    expect((await complete('kubectl -n kube-sy')).words).toEqual(['kube-system'])
    expect((await complete('kubectl apply -f d')).words).toEqual(['deny.yaml'])
    expect((await complete('kubectl create -f d')).words).toEqual(['deny.yaml'])
    expect((await complete('kubectl rollout re')).words).toEqual(['restart', 'resume'])
    expect((await complete('kubectl create secret ')).words).toEqual(['generic'])
    expect(await complete('kubectl get pods --output=j')).toEqual({ start: 26, words: ['json'] })
    expect((await complete('kubectl get nonsense ')).words).toEqual([])
  })
})
