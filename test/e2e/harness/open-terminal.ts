import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { keyBytes } from './key-names.ts'

export interface OpenTerminalOptions {
  /** Program and arguments. */
  readonly command: readonly string[]
  /** @default 80 */
  readonly columns?: number
  /** @default 24 */
  readonly rows?: number
  /** Added to a small environment of the harness's own: none of CI's variables, no colours forced. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Folder of the lab's files; a new one, removed at `close`, where none is given. */
  readonly home?: string
}

/** How the program ended, and how it left the terminal. */
export interface TerminalEnd {
  /** 128 + n after signal n. */
  readonly code: number
  /** The line discipline after it, as `stty -a` says: `icanon` and `echo` are on in a usable terminal. */
  readonly stty: string
}

/** A program on a screen. */
export interface TerminalDriver {
  readonly home: string
  /** The rows of the screen, right-trimmed, joined by line feeds. */
  screen(): string
  /** One row of the screen, from 0. */
  line(row: number): string
  readonly cursor: {
    readonly row: number
    readonly column: number
    readonly visible: boolean
  }
  /** Every byte that came so far. */
  readonly raw: string
  readonly modes: {
    readonly alternateScreen: boolean
    readonly bracketedPaste: boolean
    /** The private mode `?number` was set last, `undefined` where it was never named. */
    readonly private: (number: number) => boolean | undefined
  }
  /** Presses keys by name, one after the other. */
  keys(...names: readonly string[]): void
  /** Types text as it is. */
  type(text: string): void
  /** Pastes, in brackets where the program asked for them. */
  paste(text: string): void
  resize(columns: number, rows: number): void
  /** Sends a signal to the program itself. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Closes the window: the terminal is gone for the program. */
  hangUp(): void
  /** Resolves with the screen once it shows `wanted`. Rejects with the screen after `timeoutMs`, or when the program ends first. */
  waitFor(wanted: Wanted, timeoutMs?: number): Promise<string>
  /** Resolves when the program ended. */
  readonly ended: Promise<TerminalEnd>
  /** Ends the program and removes its folder. Can run twice. */
  close(): Promise<void>
}

/** A text on the screen, a pattern, or anything that can be read off it. */
export type Wanted = string | RegExp | ((screen: string) => boolean)

/** Runs "$@" with its process id in a file, then writes down its exit code and the state of the terminal. */
const WRAPPER = `
trap : INT TERM HUP QUIT
sh -c 'echo $$ >"$HARNESS/pid"; exec "$@"' sh "$@"
code=$?
stty -a >"$HARNESS/stty" 2>&1
echo $code >"$HARNESS/code"
`

/** What the wrapper, and the editors that scenarios name, are made of. */
const PROGRAMS = ['sh', 'stty', 'touch'] as const

/**
 * A PATH with these programs alone: what the first screen finds and offers must not depend on whether the computer has a container
 * engine and kind.
 */
async function makePath(folder: string): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  const places = (process.env.PATH ?? '').split(delimiter)
  for (const program of PROGRAMS) {
    const found = places.map((place) => join(place, program)).find((path) => existsSync(path))
    if (found === undefined) throw new Error(`The screen tests need ${program} on the PATH.`)
    await symlink(found, join(bin, program))
  }
  return bin
}

export async function openTerminal(options: OpenTerminalOptions): Promise<TerminalDriver> {
  const { columns = 80, rows = 24 } = options
  const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-e2e-'))
  const home = options.home ?? join(folder, 'home')
  const path = await makePath(folder)
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 2000,
  })
  const privateModes = trackPrivateModes(terminal)
  const pty = spawn('/bin/sh', ['-c', WRAPPER, 'sh', ...options.command], {
    // It is what TERM becomes.
    name: options.env?.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: options.cwd ?? folder,
    env: {
      PATH: path,
      TMPDIR: tmpdir(),
      HOME: folder,
      LANG: 'C.UTF-8',
      HARNESS: folder,
      NETPOL_LAB_HOME: home,
      ...options.env,
    },
  })

  let raw = ''
  let over: TerminalEnd | undefined
  const watchers = new Set<() => void>()
  const look = () => {
    for (const watcher of [...watchers]) watcher()
  }
  terminal.onData((data) => pty.write(data))
  pty.onData((data) => {
    raw += data
    terminal.write(data, look)
  })
  const ended = new Promise<TerminalEnd>((resolve) => {
    pty.onExit(() => {
      const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '')
      void Promise.all([read('code'), read('stty')]).then(([code, stty]) => {
        terminal.write('', () => {
          over = { code: code === '' ? 1 : Number(code), stty }
          resolve(over)
          look()
        })
      })
    })
  })

  const buffer = () => terminal.buffer.active
  const line = (row: number) =>
    (
      buffer()
        .getLine(buffer().baseY + row)
        ?.translateToString(true) ?? ''
    ).trimEnd()
  const screen = () =>
    Array.from({ length: terminal.rows }, (_, row) => line(row))
      .join('\n')
      .trimEnd()
  const close = async () => {
    if (over === undefined) {
      await signalProgram('SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  const signalProgram = async (signal: NodeJS.Signals) => {
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''))
    try {
      process.kill(pid > 0 ? pid : pty.pid, signal)
    } catch (error) {
      // ESRCH: it was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  return {
    home,
    screen,
    line,
    get cursor() {
      return {
        row: buffer().cursorY,
        column: buffer().cursorX,
        visible: privateModes.get(25) ?? true,
      }
    },
    get raw() {
      return raw
    },
    get modes() {
      return {
        alternateScreen: buffer().type === 'alternate',
        bracketedPaste: terminal.modes.bracketedPasteMode,
        private: (number: number) => privateModes.get(number),
      }
    },
    keys: (...names) => {
      for (const name of names) pty.write(keyBytes(name))
    },
    type: (text) => pty.write(text),
    paste: (text) =>
      pty.write(terminal.modes.bracketedPasteMode ? `\x1b[200~${text}\x1b[201~` : text),
    resize: (nextColumns, nextRows) => {
      terminal.resize(nextColumns, nextRows)
      pty.resize(nextColumns, nextRows)
    },
    kill: signalProgram,
    hangUp: () => {
      // Closes this end of it. It is there, though the types do not say so.
      const destroy: unknown = Reflect.get(pty, 'destroy')
      if (typeof destroy === 'function') Reflect.apply(destroy, pty, [])
    },
    waitFor: (wanted, timeoutMs = 15_000) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => {
          stop()
          reject(new Error(`${why}: ${String(wanted)}\nThe screen was:\n${framed(screen())}`))
        }
        const timer = setTimeout(() => fail(`Not on the screen after ${timeoutMs} ms`), timeoutMs)
        const stop = () => {
          clearTimeout(timer)
          watchers.delete(check)
        }
        const check = () => {
          if (matches(screen(), wanted)) {
            stop()
            resolve(screen())
          } else if (over !== undefined) fail(`The program ended with ${over.code} before this`)
        }
        watchers.add(check)
        check()
      }),
    ended,
    close,
  }
}

function matches(screen: string, wanted: Wanted): boolean {
  if (typeof wanted === 'string') return screen.includes(wanted)
  return typeof wanted === 'function' ? wanted(screen) : wanted.test(screen)
}

function trackPrivateModes(terminal: InstanceType<typeof xterm.Terminal>): Map<number, boolean> {
  const modes = new Map<number, boolean>()
  for (const final of ['h', 'l']) {
    terminal.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
      for (const mode of params.flat()) modes.set(mode, final === 'h')
      return false
    })
  }
  return modes
}

function framed(screen: string): string {
  return screen
    .split('\n')
    .map((row) => `│${row}`)
    .join('\n')
}
