import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKindProvider } from '../../src/cluster/kind/kind-provider.ts'
import { parseEnvironment } from '../../src/platform/environment.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { clusterContract } from './cluster-contract.ts'

const KIND = 'kind'

clusterContract('a kind cluster', {
  skip:
    process.env.NETPOL_LAB_TEST_KIND === '1'
      ? undefined
      : 'set NETPOL_LAB_TEST_KIND=1 where kind, an engine and images are at hand',
  timeoutMs: 600_000,
  setUp: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-contract-'))
    const learnerKubeconfig = join(folder, 'learner')
    await writeFile(learnerKubeconfig, 'current-context: mine\n')
    const environment = parseEnvironment(
      { ...process.env, KUBECONFIG: learnerKubeconfig },
      { platform: process.platform, homeFolder: folder },
    )
    const clock = createRealClock()
    const clusters = join(folder, 'clusters')
    return {
      provider: createKindProvider({
        folder: clusters,
        env: environment.variables,
        platform: environment.platform,
        image: environment.lab.kindImage,
        clock,
        images: ['nginx:alpine'],
      }),
      clock,
      learnerKubeconfig,
      leftovers: async () => {
        const listed = execFileSync(KIND, ['get', 'clusters'], { encoding: 'utf8' }).split('\n')
        const files = await readdir(join(clusters, 'kind')).catch(() => [])
        return [...listed, ...files].filter(
          (name) => name === 'netpol-lab' || name === 'kubeconfig' || name === 'lock',
        )
      },
      close: () => rm(folder, { recursive: true }),
    }
  },
})
