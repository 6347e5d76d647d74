import type { Protocol } from '../../../kube/objects.ts'
import type { Connection } from '../../ports.ts'
import type { ProgramContext } from '../process/program.ts'

/** How long Linux goes on with its first packet before connect() gives up (measured: 135 s). */
const KERNEL_TIMEOUT_MS = 135_000

export type OpenOutcome =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'refused' | 'unreachable' | 'timed-out' }
  /** The program's own time was over, not the kernel's. */
  | { readonly kind: 'gave-up' }

/** Connects as a program does; closes with the process. `timeoutMs`: the program's own patience. */
export async function openConnection(
  context: ProgramContext,
  to: { readonly address: string; readonly port: number; readonly protocol?: Protocol },
  options: { readonly timeoutMs?: number | undefined } = {},
): Promise<OpenOutcome> {
  const { clock, network } = context.container
  const patience = new AbortController()
  const signal = AbortSignal.any([context.signal, patience.signal])
  const own = options.timeoutMs !== undefined && options.timeoutMs < KERNEL_TIMEOUT_MS
  const cancel = clock.after(own ? (options.timeoutMs ?? 0) : KERNEL_TIMEOUT_MS, () =>
    patience.abort(),
  )
  try {
    const outcome = await network.connect(
      { address: to.address, port: to.port, protocol: to.protocol ?? 'TCP' },
      { signal },
    )
    if (outcome.kind !== 'connected') return outcome
    const { connection } = outcome
    context.signal.addEventListener('abort', () => connection.close(), { once: true })
    return outcome
  } catch (error) {
    if (!patience.signal.aborted || context.signal.aborted) throw error
    return { kind: own ? 'gave-up' : 'timed-out' }
  } finally {
    cancel()
  }
}
