import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createContextProvider } from '../../src/cluster/context/context-provider.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { bundleProgram } from '../platform/support/bundle-program.ts'
import { clusterContract } from './cluster-contract.ts'

clusterContract('a cluster of the learner, served by another process', {
  setUp: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-contract-'))
    const served = await serveCluster(folder)
    const learnerKubeconfig = join(folder, 'learner')
    await writeFile(learnerKubeconfig, served.kubeconfig)
    const clusters = join(folder, 'clusters')
    return {
      provider: createContextProvider({
        folder: clusters,
        kubeconfigPaths: [learnerKubeconfig],
        clock: createRealClock(),
      }),
      open: { context: 'served', consent: true },
      clock: createRealClock(),
      learnerKubeconfig,
      leftovers: async () => readdir(join(clusters, 'context')).catch(() => []),
      close: async () => {
        await served.close()
        await rm(folder, { recursive: true })
      },
    }
  },
})

/** A simulated cluster in a process of its own: to this one it is any cluster behind a kubeconfig. */
export async function serveCluster(
  folder: string,
): Promise<{ readonly kubeconfig: string; close(): Promise<void> }> {
  const program = await bundleProgram(
    folder,
    'serve',
    `import { createSimulatedCluster } from './src/simulator/simulated-cluster.ts'
     import { createFastClock } from './src/platform/fast-clock.ts'
     const cluster = createSimulatedCluster({ clock: createFastClock() })
     const { server, token, certificateAuthority } = await cluster.listen()
     console.log(JSON.stringify({ server, token, certificateAuthority }))
     process.stdin.resume().on('end', () => process.exit())`,
  )
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { server, token, certificateAuthority } = JSON.parse(await firstLine(child))
  const cluster = {
    server,
    'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'),
  }
  return {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'served',
      clusters: [{ name: 'cluster', cluster }],
      users: [{ name: 'user', user: { token } }],
      contexts: [
        { name: 'served', context: { cluster: 'cluster', user: 'user', namespace: 'team' } },
        { name: 'another', context: { cluster: 'cluster', user: 'user' } },
      ],
    }),
    close: async () => {
      const gone = once(child, 'exit')
      child.stdin?.end()
      await gone
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface(child.stdout)) return line
  throw new Error('the served cluster ended before it listened')
}
