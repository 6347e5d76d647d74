import type { Clock } from '../../base/clock.ts'
import type { ClusterObjects } from '../ports.ts'
import type { EventRecorder } from './event-recorder.ts'

/** What every controller works with. */
export interface ControllerContext {
  readonly objects: ClusterObjects
  readonly clock: Clock
  readonly events: EventRecorder
  readonly randomBytes: (length: number) => Uint8Array
  /** Hears of defects in a controller; the loop goes on. */
  readonly onDefect: (error: unknown) => void
}

/** A running loop. */
export interface Controller {
  /** Resolves, where it has to be waited for, when what it ran has ended. Can run twice. */
  close(): void | Promise<void>
}

/** Time as objects carry it. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** A random part of a name, as the API server makes them. */
export function nameSuffix(randomBytes: ControllerContext['randomBytes']): string {
  const signs = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(5)].map((byte) => signs[byte % signs.length]).join('')
}
