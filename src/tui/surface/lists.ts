import type { AppSnapshot, RunSnapshot } from '../../runner/snapshot.ts'
import { openQuestion, type Place, questionKey } from '../place/place.ts'
import type { SurfaceState } from '../place/surface-state.ts'
import type { ChoiceList } from './choice-list.ts'
import { copyChoices } from './copy-choices.ts'
import { helpEntries } from './help-entries.ts'

/** The list of a place, if it has one. */
export function listOf(
  place: Place,
  snapshot: AppSnapshot,
  state: SurfaceState,
): ChoiceList | undefined {
  switch (place) {
    case 'tiny':
      return { id: 'tiny', count: 3, initial: 1 }
    case 'start':
      return snapshot.place === 'start-cluster'
        ? {
            id: 'start',
            count: snapshot.start.clusters.length,
            initial: Math.max(
              0,
              snapshot.start.clusters.findIndex((cluster) => cluster.isDefault),
            ),
          }
        : undefined
    case 'lessons': {
      const found = shownLessons(snapshot, state)
      const started = found.findIndex((lesson) => lesson.state === 'started')
      const fresh = found.findIndex((lesson) => lesson.state === 'new')
      return {
        id: 'lessons',
        count: found.length,
        initial: Math.max(0, started === -1 ? fresh : started),
      }
    }
    case 'error':
      return snapshot.place === 'error'
        ? { id: `error ${snapshot.error.code}`, count: snapshot.error.choices.length, initial: 0 }
        : undefined
    case 'predict':
    case 'quiz':
    case 'dialog': {
      const question = openQuestion(snapshot)
      return question === undefined
        ? undefined
        : {
            id: questionKey(question),
            count: question.choices.length,
            initial: question.marked,
          }
    }
    case 'hints':
      return snapshot.place === 'lesson' ? hintList(snapshot.run) : undefined
    case 'checks':
      return snapshot.place === 'lesson' ? checkList(snapshot.run) : undefined
    case 'help':
      return { id: 'help', count: helpEntries(state).length, initial: 0 }
    case 'copy':
      return { id: 'copy', count: copyChoices(snapshot, state.lastCommand).length, initial: 0 }
    case 'editor':
      return snapshot.place === 'lesson'
        ? { id: 'editor', count: snapshot.run.files?.length ?? 0, initial: 0 }
        : undefined
    default:
      return undefined
  }
}

/** The marked choice of a list, within its bounds. */
export function markOf(list: ChoiceList | undefined, state: SurfaceState): number | undefined {
  if (list === undefined || list.count === 0) return undefined
  const mark = state.marks[list.id] ?? list.initial
  return mark === undefined ? undefined : Math.min(mark, list.count - 1)
}

/** The lessons of the list that the filter lets through. */
export function shownLessons(snapshot: AppSnapshot, state: SurfaceState) {
  if (snapshot.place !== 'lessons') return []
  const text = (state.filters['lessons'] ?? '').toLowerCase()
  return snapshot.list.lessons.filter((lesson) =>
    `${lesson.number} ${lesson.title} ${lesson.id} ${lesson.summary}`.toLowerCase().includes(text),
  )
}

function hintList(run: RunSnapshot): ChoiceList {
  const closed = run.hints.findIndex((hint) => hint.state !== 'open')
  return {
    id: `hints ${run.lesson.id} ${run.step.number}`,
    count: run.hints.length,
    initial: closed === -1 ? Math.max(0, run.hints.length - 1) : closed,
  }
}

function checkList(run: RunSnapshot): ChoiceList {
  const failed = run.checks.findIndex((check) => check.state === 'failed')
  return {
    id: `checks ${run.lesson.id} ${run.step.number}`,
    count: run.checks.length,
    initial: Math.max(0, failed),
  }
}
