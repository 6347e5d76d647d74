import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { clusterContract } from './cluster-contract.ts'

clusterContract('the simulated cluster', {
  setUp: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-contract-'))
    const learnerKubeconfig = join(folder, 'learner')
    await writeFile(learnerKubeconfig, 'current-context: mine\n')
    const clusters = join(folder, 'clusters')
    const clock = createFastClock()
    return {
      provider: createSimulatedProvider({ folder: clusters, clock }),
      clock,
      learnerKubeconfig,
      leftovers: async () => {
        const slots = await readdir(clusters).catch(() => [])
        const files = await Promise.all(
          slots.map(async (slot) =>
            (await readdir(join(clusters, slot))).map((file) => `${slot}/${file}`),
          ),
        )
        // The identity outlives clusters: it is what makes the next one quick to open.
        return files.flat().filter((file) => !file.endsWith('/identity.json'))
      },
      close: () => rm(folder, { recursive: true }),
    }
  },
})
