import { Box } from 'ink'
import { memo, useEffect, useLayoutEffect, useMemo } from 'react'
import type { AppModel, AppSnapshot, StatusLine } from '../../runner/snapshot.ts'
import type { LabConsole } from '../../shell/ports.ts'
import { bodyOf, linesOf, nowOf } from '../compose.ts'
import type { KeyContext } from '../keys.ts'
import { areaOf, scrollId } from '../layout/area.ts'
import { headerLine, headingLine, keysRow, paneHeading, statusRow } from '../layout/frame.ts'
import { paneRows } from '../layout/pane-rows.ts'
import { layoutFor } from '../place/layout.ts'
import { isPane, type Place, placeOf } from '../place/place.ts'
import type { PaneName, SurfaceState } from '../place/surface-state.ts'
import type { Caret } from '../screen/screen-painter.ts'
import { listOf } from '../surface/lists.ts'
import type { Surface } from '../surface/surface.ts'
import { type Line, lineOf } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { useScreen, useSnapshot, useSurfaceState } from './hooks.ts'
import { Rows } from './rows.tsx'
import { TerminalPane } from './terminal-pane.tsx'

export interface AppProps {
  readonly model: AppModel
  readonly surface: Surface
  readonly theme: Theme
  readonly canSuspend: boolean
  readonly onCaret: (caret: Caret | undefined) => void
  readonly onPlace: (place: Place) => void
}

interface Drawing extends AppProps {
  readonly snapshot: AppSnapshot
  readonly state: SurfaceState
  readonly place: Place
}

/** The whole screen: a frame around the panes of a lesson or around one screen. */
export function App(props: AppProps) {
  const { model, surface, onPlace } = props
  const snapshot = useSnapshot(model)
  const state = useSurfaceState(surface)
  const place = placeOf(snapshot, state)
  useEffect(() => onPlace(place), [place, onPlace])
  const { console: terminal } = model
  const { width, height } = areaOf('terminal', snapshot, state)
  const tiny = layoutFor(state.size).kind === 'tiny'
  useEffect(() => {
    // A window that is too small shows no program; it keeps the size that it had.
    if (!tiny) terminal?.resize({ columns: width, rows: height })
  }, [terminal, width, height, tiny])
  const drawing: Drawing = { ...props, snapshot, state, place }
  if (tiny) return <ScreenBody {...drawing} />
  return <Frame {...drawing} />
}

function Frame(props: Drawing) {
  const { snapshot, state, place, theme, model, canSuspend } = props
  const { columns } = state.size
  const layout = layoutFor(state.size)
  const split = layout.kind === 'split' && isPane(place) && !state.zoomed
  const context: KeyContext = {
    place,
    snapshot,
    state,
    list: listOf(place, snapshot, state),
    canSuspend,
  }
  const head = [headerLine(snapshot, columns, theme)]
  const heading = [headingLine(place, snapshot, state, theme)]
  const foot = [
    statusRow('Now', nowOf(place, snapshot, state), columns, theme),
    keysRow(context, theme),
  ]
  return (
    <Box flexDirection="column" width={columns} height={state.size.rows}>
      <Rows rows={head} width={columns} height={1} />
      {split ? null : <Rows rows={heading} width={columns} height={1} />}
      {split ? (
        <SplitBody {...props} />
      ) : place === 'terminal' ? (
        <WholeTerminal {...props} />
      ) : (
        <ScreenBody {...props} />
      )}
      <Rows rows={[ruleLine(layout, split, columns, theme)]} width={columns} height={1} />
      <LastRow
        last={state.note ?? linesOf(snapshot).last}
        terminal={model.console}
        top={place === 'terminal' ? state.terminalTop : undefined}
        height={areaOf('terminal', snapshot, state).height}
        columns={columns}
        theme={theme}
      />
      <Rows rows={foot} width={columns} height={2} />
    </Box>
  )
}

function ruleLine(
  layout: ReturnType<typeof layoutFor>,
  split: boolean,
  columns: number,
  theme: Theme,
): Line {
  const { light, up } = theme.symbols
  if (!split || layout.kind !== 'split') return lineOf(light.repeat(columns))
  return lineOf(light.repeat(layout.left) + up + light.repeat(layout.right))
}

/** What happened last; while the terminal is scrolled back, how much is below. */
const LastRow = memo(function LastRow(props: {
  readonly last: StatusLine | string
  readonly terminal: LabConsole | undefined
  readonly top: number | undefined
  readonly height: number
  readonly columns: number
  readonly theme: Theme
}) {
  const { last, terminal, top, height, columns, theme } = props
  const screen = top === undefined ? undefined : terminal?.screen
  useScreen(screen)
  const below =
    screen === undefined || top === undefined ? 0 : Math.max(0, screen.lineCount - top - height)
  const text =
    below === 0 ? last : `${below} lines are below. PgDn scrolls on; any other key goes there.`
  return <Rows rows={[statusRow('Last', text, columns, theme)]} width={columns} height={1} />
})

/** One screen over the whole width. */
function ScreenBody(props: Drawing) {
  const { snapshot, state, place, theme, onCaret } = props
  const area = areaOf(place, snapshot, state)
  const body = useMemo(
    () => bodyOf(place, snapshot, state, { width: area.width, height: area.height, theme }),
    [place, snapshot, state, area.width, area.height, theme],
  )
  const shown = paneRows(body, { ...area, top: state.tops[scrollId(place, snapshot)] ?? 0 })
  const origin = place === 'tiny' ? 0 : 2
  useCaret(
    body.caret ?? markedCaret(body.marked),
    shown.top,
    { row: origin, column: 0 },
    area.height,
    onCaret,
  )
  return <Rows rows={shown.rows} width={area.width} height={area.height} />
}

function markedCaret(line: number | undefined) {
  return line === undefined ? undefined : { line, column: 2 }
}

/** Puts the real cursor where a caret or a marked line is visible: magnifiers and screen readers follow it. */
function useCaret(
  caret: { readonly line: number; readonly column: number } | undefined,
  top: number,
  origin: { readonly row: number; readonly column: number },
  height: number,
  onCaret: AppProps['onCaret'],
): void {
  const at = caret === undefined ? -1 : caret.line - top
  const row = at >= 0 && at < height ? origin.row + at : undefined
  const column = origin.column + (caret?.column ?? 0)
  useLayoutEffect(
    () => onCaret(row === undefined ? undefined : { row, column }),
    [row, column, onCaret],
  )
}

function WholeTerminal(props: Drawing) {
  const { model, snapshot, state, onCaret } = props
  const { width, height } = areaOf('terminal', snapshot, state)
  return (
    <TerminalPane
      terminal={model.console}
      width={width}
      height={height}
      top={state.terminalTop}
      focused
      row={2}
      column={0}
      onCaret={onCaret}
    />
  )
}

/** Lesson above checks on the left, the terminal on the right. */
function SplitBody(props: Drawing) {
  const { model, snapshot, state, place, theme, onCaret } = props
  const layout = layoutFor(state.size)
  if (layout.kind !== 'split' || snapshot.place !== 'lesson' || !isPane(place)) return null
  const { left, right, body } = layout
  const { symbols } = theme
  const heading = (name: PaneName, width: number) =>
    paneHeading(name, { focus: place, run: snapshot.run, width, theme })
  const top = [...heading('lesson', left), { text: symbols.down }, ...heading('terminal', right)]
  const between = [...heading('checks', left), { text: symbols.left }]
  return (
    <Box flexDirection="column" width={state.size.columns} height={body + 1} flexShrink={0}>
      <Rows rows={[top]} width={state.size.columns} height={1} />
      <Box flexDirection="row" width={state.size.columns} height={body} flexShrink={0}>
        <Box flexDirection="column" width={left + 1} height={body} flexShrink={0}>
          <LeftPane name="lesson" {...props} />
          <Rows rows={[between]} width={left + 1} height={1} />
          <LeftPane name="checks" {...props} />
        </Box>
        <TerminalPane
          terminal={model.console}
          width={right}
          height={body}
          top={state.terminalTop}
          focused={place === 'terminal'}
          row={2}
          column={left + 1}
          onCaret={onCaret}
        />
      </Box>
    </Box>
  )
}

function LeftPane(props: Drawing & { readonly name: 'lesson' | 'checks' }) {
  const { name, snapshot, state, place, theme, onCaret } = props
  const { width, height } = areaOf(name, snapshot, state)
  const focused = name === place
  const body = useMemo(() => {
    const drawn = bodyOf(name, snapshot, state, { width, height, theme })
    return focused ? drawn : { lines: drawn.lines }
  }, [name, snapshot, state, width, height, theme, focused])
  const shown = paneRows(body, {
    width,
    height,
    top: state.tops[scrollId(name, snapshot)] ?? 0,
    edge: theme.symbols.vertical,
  })
  const { lessonRows } = rowsOfLayout(snapshot, state)
  const row = name === 'lesson' ? 2 : 3 + lessonRows
  const at = body.marked === undefined ? -1 : body.marked - shown.top
  const caretRow = at >= 0 && at < height ? row + at : undefined
  useLayoutEffect(() => {
    if (focused) onCaret(caretRow === undefined ? undefined : { row: caretRow, column: 0 })
  }, [focused, caretRow, onCaret])
  return <Rows rows={shown.rows} width={width + 1} height={height} />
}

function rowsOfLayout(snapshot: AppSnapshot, state: SurfaceState): { readonly lessonRows: number } {
  return { lessonRows: areaOf('lesson', snapshot, state).height }
}
