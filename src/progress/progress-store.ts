import { join } from 'node:path'
import { readVersionedFile, writeFileAtomicallySync } from '../platform/atomic-file.ts'
import type { LessonProgress, ProgressRecord, Reached, RunResult } from './records.ts'

export interface ProgressFiles {
  /** What is known of a lesson, empty where nothing is; `problem` says what was set aside and where it is kept. */
  load(
    lesson: string,
  ): Promise<{ readonly progress: LessonProgress; readonly problem: string | undefined }>
  /** It is on the disk when this returns. Throws the system's error where it cannot be written. */
  save(progress: LessonProgress): void
}

const KINDS: ReadonlySet<string> = new Set<ProgressRecord['kind']>([
  'run-started',
  'step-entered',
  'item-done',
  'prediction-committed',
  'probe-finished',
  'because-picked',
  'question-answered',
  'check-finished',
  'step-restarted',
  'hint-shown',
  'policy-applied',
  'environment-problem',
  'run-finished',
])

/**
 * Progress as one JSON file a lesson in `folder`. Every save replaces the whole file at once, so a kill at any moment leaves the last
 * finished one.
 *
 * @param now milliseconds since the epoch
 */
export function createProgressStore(folder: string, now: () => number): ProgressFiles {
  const pathOf = (lesson: string) => join(folder, `${lesson}.json`)
  return {
    async load(lesson) {
      const read = await readVersionedFile(
        pathOf(lesson),
        { format: 1, decode: (json) => decode(json, lesson) },
        now(),
      )
      switch (read.kind) {
        case 'absent':
          return { progress: noProgress(lesson), problem: undefined }
        case 'read':
          return { progress: read.value, problem: undefined }
        case 'set-aside':
          return {
            progress: noProgress(lesson),
            problem: `The progress of ${lesson} ${read.reason === 'newer' ? 'was written by a newer netpol-lab' : 'could not be read'} (${read.detail}). It is kept as ${read.keptAs}; you begin anew.`,
          }
      }
    },
    save: (progress) =>
      writeFileAtomicallySync(pathOf(progress.lesson), `${JSON.stringify(progress)}\n`),
  }
}

/** Progress that is kept only while the program runs: for runs that are not the learner's own. */
export function createMemoryProgress(): ProgressFiles {
  const kept = new Map<string, LessonProgress>()
  return {
    load: async (lesson) => ({
      progress: kept.get(lesson) ?? noProgress(lesson),
      problem: undefined,
    }),
    save: (progress) => {
      kept.set(progress.lesson, progress)
    },
  }
}

export function noProgress(lesson: string): LessonProgress {
  return { format: 1, lesson, records: [] }
}

function decode(json: unknown, lesson: string): LessonProgress {
  if (typeof json !== 'object' || json === null) throw new Error('it is not an object')
  const named: unknown = Reflect.get(json, 'lesson')
  if (named !== lesson) throw new Error(`it is of lesson ${String(named)}`)
  const records: unknown = Reflect.get(json, 'records')
  if (!Array.isArray(records)) throw new Error('it has no records')
  const first = decodeResult(Reflect.get(json, 'first'))
  const best = decodeResult(Reflect.get(json, 'best'))
  const reached: unknown = Reflect.get(json, 'reached')
  return {
    ...noProgress(lesson),
    records: records.map((record, index) => decodeRecord(record, index)),
    ...(isReached(reached) ? { reached } : {}),
    ...(first === undefined ? {} : { first }),
    ...(best === undefined ? {} : { best }),
  }
}

/** It says nothing that the records do not say: without it, or where it is of another kind, nothing is lost. */
function isReached(value: unknown): value is Reached {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['step', 'steps', 'earned'].every((name) => typeof Reflect.get(value, name) === 'number') &&
    !Number.isNaN(Date.parse(String(Reflect.get(value, 'at'))))
  )
}

function decodeRecord(value: unknown, index: number): ProgressRecord {
  if (!isRecord(value)) throw new Error(`record ${index + 1} is not one that this version knows`)
  return value
}

/** The file is written by this module alone and whole: kind and time tell a record from anything else. */
function isRecord(value: unknown): value is ProgressRecord {
  if (typeof value !== 'object' || value === null) return false
  const kind: unknown = Reflect.get(value, 'kind')
  const at: unknown = Reflect.get(value, 'at')
  return (
    typeof kind === 'string' &&
    KINDS.has(kind) &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at))
  )
}

function decodeResult(value: unknown): RunResult | undefined {
  if (value === undefined) return undefined
  if (!isResult(value)) throw new Error('its results cannot be read')
  return value
}

function isResult(value: unknown): value is RunResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'earned') === 'number' &&
    typeof Reflect.get(value, 'total') === 'number' &&
    typeof Reflect.get(value, 'passed') === 'boolean'
  )
}
