// Prints the milliseconds from opening a simulated cluster to a Running pod in it, with all modules loaded before.
import '../../src/cluster/client/create-kube-client.ts'
import '../../src/simulator/simulated-cluster.ts'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import type { Pod } from '../../src/kube/objects.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'

const [folder = '.'] = process.argv.slice(2)
const { signal } = new AbortController()
const provider = createSimulatedProvider({ folder, clock: createRealClock() })

const started = performance.now()
const cluster = await provider.open({ signal, onAction: () => {}, images: [] })
const pods = { apiVersion: 'v1', plural: 'pods', namespace: 'default' }
const created = await cluster.client.create<Pod>({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
})
const watching = new AbortController()
const from = created.metadata.resourceVersion
await cluster.client.watch<Pod>(
  pods,
  { signal: watching.signal, ...(from === undefined ? {} : { resourceVersion: from }) },
  ({ object }) => {
    if (object.status?.phase === 'Running') watching.abort()
  },
)
const took = performance.now() - started

await cluster.leave('destroy')
process.stdout.write(`${took}\n`, () => process.exit(0))
