import type { AppSnapshot, StatusLine } from '../runner/snapshot.ts'
import type { Body } from './layout/viewport.ts'
import { layoutFor } from './place/layout.ts'
import { openQuestion, type Place } from './place/place.ts'
import type { SurfaceState } from './place/surface-state.ts'
import { checksPane, checksScreen } from './screens/checks-pane.ts'
import { debriefScreen } from './screens/debrief-screen.ts'
import { errorDetails, errorNow, errorScreen } from './screens/error-screen.ts'
import { helpScreen } from './screens/help-screen.ts'
import { hintsNow, hintsScreen } from './screens/hints-screen.ts'
import { lessonLines } from './screens/lesson-pane.ts'
import { lessonsScreen } from './screens/lessons-screen.ts'
import { openingDetails, openingScreen, readingScreen } from './screens/opening-screen.ts'
import { outcomeScreen } from './screens/outcome-screen.ts'
import { prose } from './screens/parts.ts'
import { pickScreen } from './screens/pick-screen.ts'
import { questionNow, questionScreen } from './screens/question-screen.ts'
import { startDetails, startScreen } from './screens/start-screen.ts'
import { terminalNow } from './screens/terminal-now.ts'
import { tinyScreen } from './screens/tiny-screen.ts'
import { copyChoices } from './surface/copy-choices.ts'
import { helpEntries } from './surface/help-entries.ts'
import { listOf, markOf, shownLessons } from './surface/lists.ts'
import { EMPTY_LINE } from './text/line.ts'
import type { Theme } from './theme/theme.ts'

const NOTHING: Body = { lines: [] }

/** The text of a screen or pane at `width` columns, before it is scrolled. The terminal draws itself from its cells. */
export function bodyOf(
  place: Place,
  snapshot: AppSnapshot,
  state: SurfaceState,
  options: { readonly width: number; readonly height: number; readonly theme: Theme },
): Body {
  const { width, height, theme } = options
  const mark = markOf(listOf(place, snapshot, state), state)
  const run = snapshot.place === 'lesson' ? snapshot.run : undefined
  switch (place) {
    case 'tiny':
      return tinyScreen(state.size, mark, theme)
    case 'start':
      return snapshot.place === 'start-cluster'
        ? startScreen(snapshot.start, mark, width, theme)
        : NOTHING
    case 'opening':
      return snapshot.place === 'opening' ? openingScreen(snapshot.opening, width, theme) : NOTHING
    case 'reading':
      return snapshot.place === 'opening' ? readingScreen(snapshot.opening, width, theme) : NOTHING
    case 'lessons':
      return snapshot.place === 'lessons'
        ? lessonsScreen(snapshot.list, {
            shown: shownLessons(snapshot, state),
            mark,
            finding:
              state.finding === 'lessons' || state.filters['lessons']
                ? (state.filters['lessons'] ?? '')
                : undefined,
            width,
            height,
            theme,
          })
        : NOTHING
    case 'error':
      return snapshot.place === 'error' ? errorScreen(snapshot.error, mark, width, theme) : NOTHING
    case 'predict':
    case 'quiz':
    case 'answered':
    case 'dialog': {
      const question = openQuestion(snapshot)
      return question === undefined ? NOTHING : questionScreen(question, { mark, width, theme })
    }
    case 'outcome':
      return run?.outcome === undefined ? NOTHING : outcomeScreen(run.outcome, width, theme)
    case 'debrief':
      return run?.debrief === undefined ? NOTHING : debriefScreen(run.debrief, width, theme)
    case 'hints':
      return run === undefined ? NOTHING : hintsScreen(run.hints, mark, width, theme)
    case 'help':
      return helpScreen(helpEntries(state), { filter: state.filters['help'] ?? '', mark, theme })
    case 'copy':
      return pickScreen('What should be copied?', copyChoices(snapshot, state.lastCommand), {
        mark,
        width,
        theme,
      })
    case 'editor': {
      const files = (run?.files ?? []).map((file) => ({ label: file.name, note: '' }))
      return pickScreen('Which file should be opened?', files, { mark, width, theme })
    }
    case 'details':
      return detailsBody(snapshot, state, width)
    case 'lesson': {
      if (run === undefined) return NOTHING
      const lines = lessonLines(run.blocks, width, theme, run.files)
      return { lines: splits(state) ? [EMPTY_LINE, ...lines] : lines }
    }
    case 'checks':
      if (run === undefined) return NOTHING
      return splits(state)
        ? checksPane(run.checks, state.focus === 'checks' ? mark : undefined, width, theme)
        : checksScreen(run, mark, width, theme)
    case 'terminal':
      return NOTHING
  }
}

function splits(state: SurfaceState): boolean {
  return layoutFor(state.size).kind === 'split' && !state.zoomed
}

function detailsBody(snapshot: AppSnapshot, state: SurfaceState, width: number): Body {
  switch (snapshot.place) {
    case 'start-cluster':
      return startDetails(snapshot.start, markOf(listOf('start', snapshot, state), state), width)
    case 'opening':
      return openingDetails(snapshot.opening, width)
    case 'error':
      return errorDetails(snapshot.error, width)
    default:
      return { lines: prose('There are no details here.', width) }
  }
}

/** The runner's own lines of a snapshot. */
export function linesOf(snapshot: AppSnapshot): {
  readonly last: StatusLine
  readonly now: StatusLine
} {
  switch (snapshot.place) {
    case 'start-cluster':
      return snapshot.start
    case 'opening':
      return snapshot.opening
    case 'lessons':
      return snapshot.list
    case 'lesson':
      return snapshot.run
    case 'error':
      return snapshot.error
  }
}

/**
 * What `Now` says at a place. It is the runner's line; only where it depends on what is marked here, or on a screen that the
 * runner does not know of, this surface says it.
 */
export function nowOf(place: Place, snapshot: AppSnapshot, state: SurfaceState): StatusLine {
  const mark = markOf(listOf(place, snapshot, state), state)
  const said = surfaceNow(place, snapshot, state, mark)
  return said === undefined ? linesOf(snapshot).now : { parts: [said] }
}

function surfaceNow(
  place: Place,
  snapshot: AppSnapshot,
  state: SurfaceState,
  mark: number | undefined,
): string | undefined {
  switch (place) {
    case 'terminal':
      return snapshot.place === 'lesson' ? terminalNow(snapshot.run, state.visiting) : undefined
    case 'help':
      return 'Enter does the marked action. One that cannot run now says why.'
    case 'copy':
      return 'Enter copies the marked text. Esc goes back.'
    case 'editor':
      return 'Enter opens the marked file. Esc goes back.'
    case 'details':
      return 'Esc goes back.'
    case 'reading':
      return 'The cluster is still being opened. Esc goes back to it.'
    case 'hints':
      return snapshot.place === 'lesson' ? hintsNow(snapshot.run.hints, mark) : undefined
    case 'predict':
    case 'quiz':
    case 'dialog': {
      const question = openQuestion(snapshot)
      return question === undefined ? undefined : questionNow(question, mark)
    }
    case 'error':
      return snapshot.place === 'error' ? errorNow(snapshot.error, mark) : undefined
    case 'start':
      if (
        snapshot.place !== 'start-cluster' ||
        state.marks['start'] === undefined ||
        mark === undefined
      )
        return undefined
      return `Enter starts with ${mark + 1}. The choice is remembered; s changes it later.`
    case 'lessons': {
      if (state.marks['lessons'] === undefined || mark === undefined) return undefined
      const lesson = shownLessons(snapshot, state)[mark]
      return lesson === undefined
        ? undefined
        : `Enter opens lesson ${lesson.number}, ${lesson.title}, ${lesson.minutes} min.`
    }
    default:
      return undefined
  }
}
