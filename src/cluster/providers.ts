import type { Clock } from '../base/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { LabHome } from '../platform/lab-home.ts'
import { createRealClock } from '../platform/real-clock.ts'
import { createContextProvider } from './context/context-provider.ts'
import { createKindProvider } from './kind/kind-provider.ts'
import type { ClusterKind, ClusterProvider, Readiness } from './provider.ts'
import { createSimulatedProvider } from './simulated/simulated-provider.ts'

export interface ProvidersOptions {
  readonly environment: Environment
  readonly home: LabHome
  /** Time inside the simulated cluster. Real clusters live on the computer's. */
  readonly clock: Clock
  /** Whether a simulated cluster is written down, to be opened again. @default true */
  readonly keeps?: boolean | undefined
  /** Where a simulated cluster that is not written down keeps its certificate and token. */
  readonly identityFolder?: string | undefined
}

/** The image of the canary's pods; a kind cluster gets it copied in. */
const CANARY_IMAGE = 'nginx:alpine'

/** Every kind of cluster. Making the providers loads and starts nothing. */
export function createProviders(options: ProvidersOptions): Record<ClusterKind, ClusterProvider> {
  const { environment, home } = options
  const clock = createRealClock()
  const folder = home.clusters
  return {
    simulated: createSimulatedProvider({
      folder,
      clock: options.clock,
      keeps: options.keeps,
      identityFolder: options.identityFolder,
    }),
    kind: createKindProvider({
      folder,
      clock,
      env: environment.variables,
      platform: environment.platform,
      image: environment.lab.kindImage,
      images: [CANARY_IMAGE],
    }),
    context: createContextProvider({
      folder,
      clock,
      kubeconfigPaths: environment.kubeconfigPaths,
    }),
  }
}

/** Looks for every kind at once; `onFound` is called for each as soon as it is known. */
export async function detectAll(
  providers: Record<ClusterKind, ClusterProvider>,
  options: {
    readonly signal: AbortSignal
    readonly onFound?: (kind: ClusterKind, readiness: Readiness) => void
  },
): Promise<Record<ClusterKind, Readiness>> {
  const detect = async (kind: ClusterKind) => {
    const readiness = await providers[kind].detect({ signal: options.signal })
    options.onFound?.(kind, readiness)
    return readiness
  }
  const [simulated, kind, context] = await Promise.all([
    detect('simulated'),
    detect('kind'),
    detect('context'),
  ])
  return { simulated, kind, context }
}
