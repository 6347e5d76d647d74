import type { KubeClient } from '../kube/client.ts'
import type { Check, ConsoleItem, Lesson } from '../lessons/model.ts'
import type { StateReader } from './cluster-state.ts'
import type { ResolverMemory } from './resolve-name.ts'
import type { CheckResult } from './types.ts'

/** Everything that a check may look at. */
export interface CheckContext {
  readonly client: KubeClient
  readonly signal: AbortSignal
  readonly state: StateReader
  readonly resolvers: ResolverMemory
  /** How a denied connection looks on this cluster: the canary measured it. */
  readonly denySignature: 'timeout' | 'refused'
  readonly lesson: Lesson
  /** Lines that console items printed, by item id. */
  readonly outputs: Readonly<Record<string, readonly string[]>>
}

/** A kind of check that can be run. */
export type CheckOf<K extends Check['kind']> = Extract<Check, { readonly kind: K }>

/** What came out of a check, before it is tied to the check's id and points. */
export interface Finding {
  readonly state: CheckResult['state']
  readonly sentence: string
  readonly mistake?: string
  readonly wanted?: string
  readonly seen?: string
  readonly control?: string
  readonly seconds?: number
  /** What was asked works, and more than was asked: half the points. */
  readonly tooWide?: boolean
}

export function findItem(lesson: Lesson, id: string): ConsoleItem | undefined {
  return lesson.steps
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.kind === 'console' ? block.items : []))
    .find((item) => item.id === id)
}
