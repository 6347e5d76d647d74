import { access, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TerminalDriver } from './harness/open-terminal.ts'
import { openLesson } from './support/open-lesson.ts'
import { workFolder } from './support/player.ts'

let terminal: TerminalDriver | undefined
let outside: string
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'netpol-lab-outside-'))
  await writeFile(join(outside, 'manifest.yaml'), MANIFEST)
})
afterEach(async () => {
  await terminal?.close()
  await rm(outside, { recursive: true, force: true })
})

/** A manifest that the lab would apply if it read it. */
const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata:
  name: from-outside
  namespace: default
data: { word: swordfish }
`

describe.skipIf(process.platform === 'win32')('what is typed at the lab prompt', () => {
  it('starts no program of this computer, and reads and writes nothing outside the work folder', {
    timeout: 60_000,
  }, async () => {
    const { terminal: driver } = await openLesson({ env: { EDITOR: `touch ${outside}/edited` } })
    terminal = driver
    const folder = workFolder(driver)
    await symlink(join(outside, 'manifest.yaml'), join(folder, 'link.yaml'))
    await symlink(outside, join(folder, 'linked'))
    driver.keys('t')
    await driver.waitFor('━━ Terminal ━━')
    const before = (await readdir(outside)).sort()
    for (const command of [
      `touch ${outside}/touched`,
      `/bin/touch ${outside}/touched`,
      `kubectl version; touch ${outside}/touched`,
      `kubectl get pods | tee ${outside}/touched`,
      `kubectl get pods > ${outside}/touched`,
      `kubectl get pods > linked/touched`,
      `kubectl get $(touch ${outside}/touched)`,
      `kubectl get \`touch ${outside}/touched\``,
      `kubectl apply -f ${outside}/manifest.yaml`,
      'kubectl apply -f link.yaml',
      'kubectl apply -f linked/manifest.yaml',
      `kubectl apply -f ../../../../../../../..${outside}/manifest.yaml`,
      'kubectl apply -f file:///etc/passwd',
      'kubectl apply -f /etc/passwd',
      'cat /etc/passwd',
      'cat link.yaml',
      `kubectl cp bar:/etc/hosts ${outside}/touched`,
      `kubectl cp ${outside}/manifest.yaml bar:/tmp/x`,
      'kubectl edit pod bar',
      'kubectl proxy --port=0',
      `kubectl --kubeconfig ${outside}/manifest.yaml get pods`,
      `kubectl get pods --cache-dir ${outside}/touched`,
      `kubectl run x --image=alpine --overrides='{"spec":{"containers":[{"name":"x","image":"alpine","volumeMounts":[{"name":"h","mountPath":"/h"}]}],"volumes":[{"name":"h","hostPath":{"path":"${outside}"}}]}}' --command -- touch /h/touched`,
      `kubectl exec bar -- touch ${outside}/touched`,
      'kubectl exec bar -- cat /etc/passwd',
    ]) {
      driver.keys('Ctrl-L')
      await driver.waitFor((screen) => /^lab\$$/.test(screen.split('\n')[2] ?? ''))
      driver.type(`${command}\r`)
      // The prompt is back below what the command said.
      const screen = await driver.waitFor((text) =>
        text
          .split('\n')
          .slice(3, -4)
          .some((row) => row === 'lab$'),
      )
      expect(screen, command).not.toContain('swordfish')
      expect(screen, command).not.toMatch(/^daemon:|\/home\//m)
      expect(screen, command).not.toContain('from-outside created')
    }
    expect((await readdir(outside)).sort()).toEqual(before)
    for (const name of ['touched', 'edited'])
      await expect(access(join(outside, name))).rejects.toThrow('ENOENT')
    driver.keys('Ctrl-L')
    driver.type('kubectl get configmaps\r')
    expect(await driver.waitFor(/configmap|kube-root-ca|No resources/)).not.toContain(
      'from-outside',
    )
  })
})
