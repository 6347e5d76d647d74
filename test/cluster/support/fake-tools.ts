import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A PATH with stand-ins for `kind` and `docker`, and what they did. */
export interface FakeTools {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  plan(plan: Readonly<Record<string, unknown>>): Promise<void>
  calls(): Promise<readonly string[]>
  readonly clusterStands: boolean
  remove(): Promise<void>
}

const FIXTURE = resolve('test/cluster/fixtures/fake-tools.mjs')

export async function makeFakeTools(options: {
  readonly tools: readonly string[]
  readonly kubeconfig?: string
}): Promise<FakeTools> {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-fake-'))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const tool of options.tools) {
    const path = join(bin, tool)
    await writeFile(
      path,
      `#!/bin/sh\nexec '${process.execPath}' '${FIXTURE}' ${tool === 'kind' ? 'kind' : 'docker'} "$@"\n`,
    )
    await chmod(path, 0o755)
  }
  await writeFile(join(folder, 'kubeconfig'), options.kubeconfig ?? '')
  const plan = (content: Readonly<Record<string, unknown>>) =>
    writeFile(join(folder, 'plan.json'), JSON.stringify(content))
  await plan({})
  return {
    folder,
    env: { PATH: bin, FAKE_TOOLS: folder, KUBECONFIG: '/the/learner/own', HOME: folder },
    plan,
    calls: async () => {
      if (!existsSync(join(folder, 'calls.txt'))) return []
      return (await readFile(join(folder, 'calls.txt'), 'utf8')).trimEnd().split('\n')
    },
    get clusterStands() {
      return existsSync(join(folder, 'cluster'))
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
