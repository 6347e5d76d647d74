import { StringDecoder } from 'node:string_decoder'
import { render } from 'ink'
import type { Clock } from '../base/clock.ts'
import type { TerminalSize } from '../kube/client.ts'
import type { AppModel } from '../runner/snapshot.ts'
import { App } from './components/app.tsx'
import { RowSlotsContext } from './components/rows.tsx'
import { createKeyDecoder } from './input/key-decoder.ts'
import type { Place } from './place/place.ts'
import { clipboardSequence } from './screen/clipboard.ts'
import { asInkOutput, createCanvas, silentInput } from './screen/ink-streams.ts'
import { createRowSlots } from './screen/row-slots.ts'
import { createScreenPainter } from './screen/screen-painter.ts'
import {
  createTerminalModes,
  type TerminalInput,
  type TerminalOutput,
} from './screen/terminal-modes.ts'
import { createSurface } from './surface/surface.ts'
import { createTheme } from './theme/theme.ts'

export interface FullScreenOptions {
  readonly model: AppModel
  readonly input: TerminalInput
  readonly output: TerminalOutput
  readonly env: {
    readonly color: boolean
    readonly ascii: boolean
    /** The terminal is tmux: OSC 52 is wrapped for it too. @default false */
    readonly tmux?: boolean | undefined
    /** Milliseconds after which a lone ESC byte is the Esc key; 100 over SSH. @default 50 */
    readonly escapeMs?: number | undefined
  }
  readonly clock: Clock
  /** Writes the copied text to a file; resolves with the file's name for people. */
  readonly writeCopy?: ((text: string) => Promise<string>) | undefined
  /**
   * Runs the learner's editor on a file; the screen is put aside while it runs. Resolves with a sentence for `Last`.
   * Absent where neither `$VISUAL` nor `$EDITOR` is set.
   */
  readonly openEditor?:
    | ((file: { readonly name: string; readonly path: string }) => Promise<string | undefined>)
    | undefined
  /** Stops this process as Ctrl-Z does; the screen is put aside before and taken up again after. Absent on Windows. */
  readonly suspendProcess?: (() => Promise<void>) | undefined
  /** The terminal is gone: its input ended. */
  readonly onHangup?: (() => void) | undefined
}

export interface FullScreen {
  /** Resolves when the app is over, or when the learner wants to go on in plain text; the terminal is as it was then. */
  readonly done: Promise<'ended' | 'plain-text'>
  /** Gives the terminal to another program. */
  suspend(): void
  /** Takes it back and paints everything. */
  resume(): void
  /** Gives the terminal back at once, whatever happens here. Can run twice. */
  close(): void
}

/** The smallest size that is believed; a terminal that knows none is taken for a standard one. */
function sizeOf(output: TerminalOutput): TerminalSize {
  return { columns: output.columns || 80, rows: output.rows || 24 }
}

/**
 * The full-screen surface: opens the terminal, draws the model until it has ended, and closes the terminal again.
 *
 * Ink lays out into a writer of our own (`debug` gives one write a frame), the rows of the panes are put in, and the painter sends what changed. Keys are
 * decoded here from raw bytes, so that a program in a pod gets exactly what was typed.
 */
export function runFullScreen(options: FullScreenOptions): FullScreen {
  const { model, input, output, env, clock } = options
  const theme = createTheme(env)
  const modes = createTerminalModes(input, output)
  const painter = createScreenPainter({
    write: (text) => output.write(text),
    clock,
    size: sizeOf(output),
  })
  let layout = ''
  const paint = () => painter.show(slots.fill(layout))
  const slots = createRowSlots({ write: theme.write, onChange: paint })
  const canvas = createCanvas(sizeOf(output), (frame) => {
    layout = frame
    paint()
  })
  let closed = false
  let finish: (how: 'ended' | 'plain-text') => void = () => {}
  const done = new Promise<'ended' | 'plain-text'>((resolve) => {
    finish = resolve
  })

  const surface = createSurface({
    model,
    clock,
    theme,
    size: sizeOf(output),
    ports: {
      copy: async (text) => {
        output.write(clipboardSequence(text, { tmux: env.tmux ?? false }))
        const file = await options.writeCopy?.(text)
        return file === undefined
          ? 'Sent to the clipboard, if this terminal passes it on.'
          : `Sent to the clipboard, and written to ${file} in any case.`
      },
      openEditor: aside(options.openEditor),
      suspend:
        options.suspendProcess === undefined
          ? undefined
          : () => void aside(options.suspendProcess)?.(undefined),
      repaint: () => painter.repaint(),
      plainText: () => end('plain-text'),
    },
  })

  const decoder = createKeyDecoder({
    clock,
    escapeMs: env.escapeMs,
    onEvent: (event) => surface.input(event),
  })
  const text = new StringDecoder('utf8')
  const onData = (chunk: Uint8Array | string) =>
    decoder.feed(typeof chunk === 'string' ? chunk : text.write(Buffer.from(chunk)))
  const onEnd = () => options.onHangup?.()
  const listen = () => {
    input.on('data', onData)
    input.on('end', onEnd)
    input.resume()
  }
  const unlisten = () => {
    input.off('data', onData)
    input.off('end', onEnd)
    input.pause()
  }
  const onPlace = (place: Place) => modes.setWheel(place === 'terminal' ? 'nothing' : 'arrows')
  const tree = (
    <RowSlotsContext value={slots}>
      <App
        model={model}
        surface={surface}
        theme={theme}
        canSuspend={options.suspendProcess !== undefined}
        onCaret={painter.setCaret}
        onPlace={onPlace}
      />
    </RowSlotsContext>
  )

  modes.open()
  listen()
  const ink = render(tree, {
    stdout: asInkOutput(canvas),
    stdin: silentInput(),
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  })
  const onResize = () => {
    const size = sizeOf(output)
    painter.resize(size)
    canvas.columns = size.columns
    canvas.rows = size.rows
    // Ink does not listen for sizes where CI is set; drawing again measures anew.
    surface.resize(size)
    ink.rerender(tree)
  }
  output.on('resize', onResize)

  const suspend = () => {
    if (closed) return
    painter.setPaused(true)
    unlisten()
    modes.close()
  }
  const resume = () => {
    if (closed) return
    modes.open()
    listen()
    onPlace(surface.place())
    onResize()
    painter.setPaused(false)
  }
  const close = () => {
    if (closed) return
    closed = true
    painter.close()
    decoder.close()
    unlisten()
    output.off('resize', onResize)
    modes.close()
    surface.close()
    ink.unmount()
    ink.cleanup()
    finish('ended')
  }
  const end = (how: 'ended' | 'plain-text') => {
    finish(how)
    close()
  }
  model.ended.then(
    () => end('ended'),
    () => end('ended'),
  )

  /** Work of another program in the terminal, with the screen put aside. */
  function aside<A, R>(
    work: ((argument: A) => Promise<R>) | undefined,
  ): ((argument: A) => Promise<R>) | undefined {
    if (work === undefined) return undefined
    return async (argument) => {
      suspend()
      try {
        return await work(argument)
      } finally {
        resume()
      }
    }
  }

  return { done, suspend, resume, close }
}
