import { existsSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import type { ApiRequest, ApiResponse } from '../../simulator/simulated-cluster.ts'
import {
  backgroundFiles,
  removeBackgroundRecord,
  writeBackgroundRecord,
} from './background-record.ts'
import { CONTROL } from './control.ts'
import { type HeldCluster, holdCluster } from './held-cluster.ts'
import { encodeSavedCluster, readSavedClusterFile } from './saved-cluster.ts'
import { takeFirstSlot } from './slot.ts'

/** How often it is looked whether the cluster's folder is still there. */
const LOOK_MS = 2000

export interface HostOptions {
  /** Folder of all clusters of the lab. */
  readonly folder: string
  readonly pid: number
  readonly clock: Clock
  readonly clockName: 'real' | 'fast'
  readonly port?: number | undefined
  /** A file of a saved cluster to begin as. */
  readonly from?: string | undefined
  /** What was there before is forgotten. */
  readonly anew: boolean
  /** RFC 3339. */
  readonly since: string
  /** One line for the log. */
  readonly log: (line: string) => void
  readonly onReady: (ready: { readonly note?: string; readonly warning?: string }) => void
  /** Saves and ends the cluster. */
  readonly signal: AbortSignal
}

/**
 * Runs the background cluster in this process until the signal aborts or somebody asks it to stop, and writes its state down as it
 * changes and when it ends.
 *
 * @throws LabError ERR_LOCKED where another process has the cluster or the port, ERR_USAGE where `from` would replace a saved one
 */
export async function hostBackground(options: HostOptions): Promise<void> {
  const from = options.from === undefined ? undefined : await readSavedClusterFile(options.from)
  const slot = await takeFirstSlot(options.folder)
  const files = backgroundFiles(slot.folder)
  if (from !== undefined && !options.anew && existsSync(files.state)) {
    await slot.release()
    throw new LabError('ERR_USAGE', 'There is a simulated cluster already.', {
      next: ['netpol-lab cluster reset --from FILE puts the saved one in its place.'],
    })
  }
  let stop: (choice: 'save' | 'destroy') => void = () => {}
  const stopped = new Promise<'save' | 'destroy'>((resolve) => {
    stop = resolve
  })
  let held: HeldCluster | undefined
  const control = async (request: ApiRequest): Promise<ApiResponse | undefined> => {
    if (held === undefined || !request.path.startsWith(CONTROL.prefix)) return undefined
    if (request.path === CONTROL.state && request.method === 'GET') {
      await held.save()
      return answer(encodeSavedCluster(held.state()))
    }
    if (request.path === CONTROL.stop && request.method === 'POST') {
      const choice = request.query.get('state') === 'destroy' ? 'destroy' : 'save'
      options.log(`asked to stop, ${choice === 'save' ? 'state kept' : 'state forgotten'}`)
      stop(choice)
      return answer('{}\n')
    }
    return undefined
  }
  held = await holdCluster({
    slot,
    clock: options.clock,
    port: options.port,
    from,
    anew: options.anew,
    aside: control,
    onDefect: (error) =>
      options.log(`defect: ${error instanceof Error ? (error.stack ?? error.message) : error}`),
    onSaveFailure: (error) =>
      options.log(`not saved: ${error instanceof Error ? error.message : error}`),
    signal: options.signal,
  })
  const { access, note, warning } = held
  try {
    await writeBackgroundRecord(slot.folder, {
      pid: options.pid,
      since: options.since,
      server: access.server,
      clock: options.clockName,
    })
    await held.save()
    options.log(`serving ${access.server}${note === undefined ? '' : `, ${note}`}`)
    if (warning !== undefined) options.log(warning)
    options.onReady({
      ...(note === undefined ? {} : { note }),
      ...(warning === undefined ? {} : { warning }),
    })
    options.signal.addEventListener('abort', () => stop('save'), { once: true })
    if (options.signal.aborted) stop('save')
    const stopLooking = whenTaken(files.record, () => {
      options.log('its folder was removed: nobody can find it or stop it any more')
      stop('destroy')
    })
    const choice = await stopped.finally(stopLooking)
    await removeBackgroundRecord(slot.folder)
    await held.leave(choice)
    options.log('ended')
  } finally {
    await held.leave('save')
  }
}

/** Calls back once the file is gone. Returns the function that ends the looking. */
function whenTaken(file: string, callback: () => void): () => void {
  const clock = createRealClock()
  let cancel: () => void = () => {}
  const look = () => {
    cancel = clock.after(LOOK_MS, () => {
      if (existsSync(file)) look()
      else callback()
    })
  }
  look()
  return () => cancel()
}

function answer(body: string): ApiResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
