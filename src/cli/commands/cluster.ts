import { LabError } from '../../base/errors.ts'
import type { ClusterProvider } from '../../cluster/provider.ts'
import { createProviders } from '../../cluster/providers.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openSignals } from '../../platform/signals.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { openProvenCluster } from '../wire/open-cluster.ts'
import type { BackgroundOptions } from './background.ts'

/**
 * Makes the cluster, or opens the one that is there, and keeps it. The simulated one runs in the background; any other one has to prove
 * that it enforces policies.
 */
export async function createCluster(
  options: { readonly cluster?: string } & BackgroundOptions,
): Promise<number> {
  const lab = findLab()
  const { cluster: named, ...background } = options
  const kind = parseClusterKind(named ?? lab.environment.lab.cluster ?? 'simulated', '--cluster')
  if (kind === 'simulated') {
    const { createBackground } = await import('./background.ts')
    return createBackground(background)
  }
  const misplaced = Object.keys(background)[0]
  if (misplaced !== undefined) {
    throw new LabError('ERR_USAGE', `--${misplaced} is for the simulated cluster alone.`)
  }
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  try {
    const { cluster, denySignature } = await openProvenCluster(lab, kind, {
      signal: signals.signal,
      clock: createRealClock(),
      images: [],
      onAction: (action) => {
        if (action.state === 'waiting') return
        const seconds = action.seconds === undefined ? '' : ` ${action.seconds.toFixed(1)} s`
        process.stderr.write(
          `${action.state.padEnd(8)} ${action.title}${seconds}${action.detail === undefined ? '' : `  ${action.detail}`}\n`,
        )
      },
    })
    process.stdout.write(
      `${cluster.title} is ready and enforces policies; a denied connection shows as ${denySignature}\n`,
    )
    process.stdout.write(`kubeconfig: ${cluster.kubeconfig}\n`)
    await cluster.leave(cluster.leaveChoices[0]?.id ?? 'keep')
    return 0
  } finally {
    await signals.close()
  }
}

/** Removes what the lab made for a kind of cluster. */
export async function deleteCluster(options: { readonly cluster?: string }): Promise<number> {
  const lab = findLab()
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  const providers = all(lab)
  const kinds =
    options.cluster === undefined ? undefined : parseClusterKind(options.cluster, '--cluster')
  try {
    for (const provider of providers) {
      if (kinds !== undefined && provider.kind !== kinds) continue
      // Without a word only what needs nobody's yes is removed.
      if (kinds === undefined && provider.kind === 'context') continue
      await provider.remove({ signal: signals.signal })
      process.stdout.write(`${provider.title}: nothing of the lab is left\n`)
    }
    return 0
  } finally {
    await signals.close()
  }
}

/** Says what there is. */
export async function clusterStatus(options: { readonly json?: boolean }): Promise<number> {
  const signal = AbortSignal.timeout(15_000)
  const lab = findLab()
  const { statusLines } = await import('./background.ts')
  const { simulatedStatus } = await import('../../cluster/simulated/background.ts')
  const [simulated, ...found] = await Promise.all([
    simulatedStatus(lab.home.clusters),
    ...all(lab).map(async (provider) => {
      const { error: _error, ...readiness } = await provider.detect({ signal })
      return { kind: provider.kind, title: provider.title, ...readiness }
    }),
  ])
  if (options.json) {
    const entries = found.map((each) =>
      each.kind === 'simulated' ? { ...each, cluster: simulated } : each,
    )
    process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
    return 0
  }
  for (const each of found) {
    const lines = each.kind === 'simulated' ? statusLines(simulated) : [each.found]
    process.stdout.write(`${each.title}: ${each.word}\n`)
    for (const line of lines) process.stdout.write(`  ${line}\n`)
  }
  return 0
}

function all(lab: Lab): readonly ClusterProvider[] {
  return Object.values(
    createProviders({ environment: lab.environment, home: lab.home, clock: createRealClock() }),
  )
}
