import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../base/clock.ts'
import type { AppModel, AppSnapshot } from '../runner/snapshot.ts'
import type { ConsoleEvent, ConsoleScreen, LabConsole } from '../shell/ports.ts'
import { createLineCommands } from './linear/line-commands.ts'
import { createLineOutput } from './linear/line-output.ts'
import { createTeller } from './linear/teller.ts'
import { createWaiting } from './linear/waiting.ts'
import { openQuestion, placeBehind } from './place/place.ts'
import { createSurfaceState, type LastCommand } from './place/surface-state.ts'
import type { TerminalInput } from './screen/terminal-modes.ts'

export interface LinearOptions {
  readonly model: AppModel
  /** Read line by line as the terminal gives them: it echoes and edits, not this surface. */
  readonly input: Omit<TerminalInput, 'setRawMode'>
  readonly output: { readonly columns?: number | undefined; write(text: string): unknown }
  readonly env: { readonly ascii: boolean }
  readonly clock: Clock
  /** Writes the copied text to a file; resolves with the file's name for people. */
  readonly writeCopy?: ((text: string) => Promise<string>) | undefined
  readonly openEditor?:
    | ((file: { readonly name: string; readonly path: string }) => Promise<string | undefined>)
    | undefined
  /** The input ended. */
  readonly onHangup?: (() => void) | undefined
}

export interface Linear {
  /** Resolves when the app is over. */
  readonly done: Promise<void>
  /** Ctrl-C: the terminal turns it into a signal, which comes here. */
  interrupt(): void
  /** Stops reading and writing. Can run twice. */
  close(): void
}

/** Wide enough that tables of kubectl keep their lines; they are broken when they are written. */
const CONSOLE_SIZE = { columns: 200, rows: 50 }
/** A command that runs so long has its lines printed as they come. */
const STREAM_MS = 1000
/** How long the next prompt waits for what a line begins. */
const HOLD_MS = 200
const PLAIN_STATE = createSurfaceState({ columns: 80, rows: 24 })

/**
 * The plain-text surface: lines are only added, and read by line. It has no carriage return, no escape sequence and no frame,
 * so that a screen reader, a small window or a recording gets the whole lesson.
 */
export function runLinear(options: LinearOptions): Linear {
  const { model, input, output, clock } = options
  const out = createLineOutput({
    write: (text) => output.write(text),
    columns: () => output.columns || 80,
    ascii: options.env.ascii,
  })
  const teller = createTeller()
  let lastCommand: LastCommand | undefined
  let running:
    | { readonly line: string; readonly since: number; printed: number; cancel: () => void }
    | undefined
  let watched: LabConsole | undefined
  let unwatch: (() => void) | undefined
  let closed = false
  let scheduled = false
  let finish: () => void = () => {}
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })
  const say = (...sentences: readonly string[]) => {
    out.say(sentences.map((text) => ({ kind: 'sentence', text })))
    schedule()
  }
  const waiting = createWaiting({ clock, say })
  const commands = createLineCommands(model, {
    say,
    sayParts: (parts) => {
      out.say(parts)
      schedule()
    },
    lastCommand: () => lastCommand,
    writeCopy: options.writeCopy,
    openEditor: edit(options.openEditor),
    interrupt: () => interrupt(),
  })

  // What happened is told after this turn: by then a command's output, which comes first, has been printed.
  const schedule = () => {
    if (scheduled || closed) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      if (closed) return
      watch()
      const { snapshot } = model
      out.say(teller.tell(snapshot))
      waiting.look(snapshot, model.console?.busy === true ? running?.line : undefined)
      prompt()
    })
  }

  // A line that was entered takes a moment to begin something: a prompt written at once would stand in its way.
  let heldUntil = Number.NEGATIVE_INFINITY
  let cancelPrompt: (() => void) | undefined
  const prompt = () => {
    cancelPrompt?.()
    cancelPrompt = undefined
    const text = promptOf(model.snapshot)
    if (text === undefined || closed) return
    const wait = heldUntil - clock.now()
    if (wait <= 0) out.prompt(text)
    else cancelPrompt = clock.after(wait, prompt)
  }

  const promptOf = (snapshot: AppSnapshot): string | undefined => {
    if (commands.menu !== undefined) return 'Number, then Enter: '
    switch (snapshot.place) {
      case 'opening':
        return undefined
      case 'start-cluster':
        return snapshot.start.question !== undefined ||
          snapshot.start.clusters.some((cluster) => cluster.word !== undefined)
          ? 'Number, then Enter: '
          : undefined
      case 'lessons':
      case 'error':
        return 'Number, then Enter: '
      case 'lesson': {
        if (
          openQuestion(snapshot) !== undefined &&
          placeBehind(snapshot, PLAIN_STATE) !== 'answered'
        ) {
          return 'Number, then Enter: '
        }
        const terminal = model.console
        if (terminal?.busy === true) return undefined
        if (placeBehind(snapshot, PLAIN_STATE) !== 'lesson') return 'Enter: '
        return terminal?.place === 'pod' ? `pod ${terminal.session?.pod ?? ''}> ` : 'lab> '
      }
    }
  }

  const watch = () => {
    if (watched === model.console) return
    unwatch?.()
    watched = model.console
    if (watched === undefined) return
    const { screen } = watched
    watched.resize(CONSOLE_SIZE)
    const stops = [watched.subscribe(onConsole), screen.subscribe(() => stream(screen))]
    unwatch = () => {
      for (const stop of stops) stop()
    }
  }

  const onConsole = (event: ConsoleEvent) => {
    if (event.kind === 'command-started') {
      running?.cancel()
      const cancel = clock.after(STREAM_MS, () => {
        if (watched !== undefined) stream(watched.screen)
      })
      running = { line: event.line, since: clock.now(), printed: 0, cancel }
    } else if (event.kind === 'command-finished') {
      lastCommand = { line: event.line, place: event.place, output: event.output }
      printRest(event.output)
    }
    schedule()
  }

  const printRest = (lines: readonly string[]) => {
    const printed = running?.printed ?? 0
    running?.cancel()
    running = undefined
    const rest = lines.slice(printed)
    if (printed === 0) {
      const count = lines.length === 1 ? '1 line' : `${lines.length} lines`
      out.say([{ kind: 'sentence', text: lines.length === 0 ? 'No output.' : `Output, ${count}.` }])
    }
    out.print(rest)
    teller.heard(lines)
  }

  /** Prints the finished lines of a command that goes on; a program with the whole screen has none. */
  const stream = (screen: ConsoleScreen) => {
    if (running === undefined || screen.fullScreen || clock.now() - running.since < STREAM_MS)
      return
    const end = screen.cursor.line
    let start = end
    while (start > 0 && !screen.text(start - 1).endsWith(running.line)) start--
    const lines: string[] = []
    for (let index = start + running.printed; index < end; index++) lines.push(screen.text(index))
    // Where the command itself scrolled away, nothing says which lines are new: they come at the end.
    if (start === 0 || lines.length === 0) return
    running.printed += lines.length
    out.print(lines)
    teller.heard(lines)
  }

  const text = new StringDecoder('utf8')
  let partial = ''
  const onData = (chunk: Uint8Array | string) => {
    partial += typeof chunk === 'string' ? chunk : text.write(Buffer.from(chunk))
    const lines = partial.split(/\r\n|\r|\n/)
    partial = lines.pop() ?? ''
    for (const line of lines) {
      out.entered()
      heldUntil = clock.now() + HOLD_MS
      commands.onLine(line)
      schedule()
    }
  }
  const onEnd = () => {
    if (options.onHangup !== undefined) options.onHangup()
    else model.send({ kind: 'interrupt' })
  }

  /** The editor reads the terminal while it runs. */
  function edit(work: LinearOptions['openEditor']): LinearOptions['openEditor'] {
    if (work === undefined) return undefined
    return async (file) => {
      input.off('data', onData)
      input.pause()
      try {
        return await work(file)
      } finally {
        if (!closed) {
          input.on('data', onData)
          input.resume()
        }
      }
    }
  }

  const interrupt = () => {
    out.interrupted()
    heldUntil = clock.now() + HOLD_MS
    if (model.console?.busy === true) model.console.interrupt()
    else model.send({ kind: 'interrupt' })
    schedule()
  }

  const close = () => {
    if (closed) return
    closed = true
    running?.cancel()
    cancelPrompt?.()
    waiting.close()
    unwatch?.()
    unsubscribe()
    input.off('data', onData)
    input.off('end', onEnd)
    input.pause()
    out.close()
    finish()
  }

  out.say([
    {
      kind: 'sentence',
      text: 'netpol-lab in plain text. Enter does the next thing. :help lists the words.',
    },
  ])
  const unsubscribe = model.subscribe(schedule)
  input.on('data', onData)
  input.on('end', onEnd)
  input.resume()
  schedule()
  model.ended.then(close, close)

  return { done, interrupt, close }
}
