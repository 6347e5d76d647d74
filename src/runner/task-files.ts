import type { Clock } from '../base/clock.ts'
import type { Lesson, LessonStep } from '../lessons/model.ts'
import type { LessonFiles } from './ports.ts'

/** The files that tasks of a lesson have the learner change, by whatever editor. */
export interface TaskFiles {
  /** Writes what a step shows as a file and nobody has yet, and takes down its tasks' files as they are. Resolves with what was written. */
  enter(step: LessonStep): Promise<readonly string[]>
  /** The files of the step's tasks as they were when it was entered; `undefined` for one that was not there. */
  readonly baselines: ReadonlyMap<string, string | undefined>
  /** Forgets what was seen: the files were made anew. */
  forget(): void
  /** Looks now and then from here on. */
  watch(): void
  /** Can run twice. */
  close(): void
}

/** Between two looks, in milliseconds. */
const POLL_MS = 700

export function createTaskFiles(options: {
  readonly lesson: Lesson
  readonly files: LessonFiles
  readonly clock: Clock
  /** After each look: whether a file of this step's tasks differs from how it was when the step was entered. */
  readonly onLook: (name: string, differs: boolean) => void
}): TaskFiles {
  const { files, clock, onLook } = options
  const baselines = new Map<string, string | undefined>()
  /** All of them, as they were looked at last. */
  const lookedAt = new Map<string, string | undefined>()
  const names = new Set(options.lesson.steps.flatMap(taskFileNames))
  let closed = false
  let cancel = () => {}

  const look = async () => {
    for (const name of names) lookedAt.set(name, await files.read(name))
    for (const [name, before] of baselines) onLook(name, lookedAt.get(name) !== before)
  }
  const watch = () => {
    cancel = clock.after(POLL_MS, () => {
      void look().finally(() => {
        if (!closed) watch()
      })
    })
  }

  return {
    baselines,
    async enter(step) {
      baselines.clear()
      const written: string[] = []
      for (const block of step.blocks) {
        if (block.kind !== 'file' || (await files.read(block.name)) !== undefined) continue
        await files.write(block.name, block.text)
        lookedAt.set(block.name, block.text)
        written.push(block.name)
      }
      for (const name of taskFileNames(step)) {
        // An editor may save in the moment in which the step begins: what stood there before counts.
        baselines.set(name, lookedAt.has(name) ? lookedAt.get(name) : await files.read(name))
      }
      return written
    },
    forget: () => lookedAt.clear(),
    watch,
    close() {
      closed = true
      cancel()
    },
  }
}

function taskFileNames(step: LessonStep): readonly string[] {
  return step.blocks.flatMap((block) =>
    block.kind === 'task' && block.task.file !== undefined ? [block.task.file] : [],
  )
}
