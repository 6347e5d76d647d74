import type { OpeningAction } from '../../cluster/provider.ts'
import type { Lesson } from '../../lessons/model.ts'
import type { OpeningSnapshot, StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'
import { readingBlocks } from './blocks-view.ts'

/** A cluster while it is opened: real actions with their seconds. */
export function openingSnapshot(
  place: {
    readonly title: string
    readonly actions: readonly OpeningAction[]
    readonly began: ReadonlyMap<string, number>
    readonly since: number
    readonly lesson: Lesson | undefined
  },
  now: number,
  last: StatusLine,
): OpeningSnapshot {
  const running = place.actions.find((action) => action.state === 'running')
  const { lesson } = place
  return {
    title: place.title,
    seconds: Math.floor((now - place.since) / 1000),
    actions: place.actions.map((action) => {
      const began = place.began.get(action.id)
      return action.state === 'running' && began !== undefined
        ? { ...action, seconds: Math.floor((now - began) / 1000) }
        : action
    }),
    lesson:
      lesson === undefined
        ? undefined
        : {
            title: lesson.title,
            blocks: readingBlocks([...lesson.intro, ...(lesson.steps[0]?.blocks ?? [])]),
          },
    last,
    now: plain(
      `${running === undefined ? 'The cluster is opened.' : `${running.title}.`} Ctrl-C stops and cleans up.`,
    ),
  }
}
