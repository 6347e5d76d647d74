import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TerminalDriver } from '../harness/open-terminal.ts'
import type { Asked, LessonAnswers } from './lesson-answers.ts'
import { readScreen, type Seen } from './read-screen.ts'

export interface PlayerOptions {
  readonly terminal: TerminalDriver
  readonly answers: LessonAnswers
  /** The choice that is sent, from 1. `tries` counts earlier picks. @default the right one */
  readonly choose?: (asked: Asked, tries: number) => number
  /** What the learner writes into a task's file. @default the lesson's solution of that step */
  readonly write?: (seen: Seen) => string
}

/** A learner who does what the `Now` line says, with numbers, Enter and Shift-Tab alone. */
export interface Player {
  /** Every screen on which something was decided, in order. */
  readonly story: readonly Seen[]
  /** Does the next things until one is about to be done that `stop` names; resolves with it. */
  playUntil(stop: (seen: Seen) => boolean): Promise<Seen>
  /** Does one thing and resolves with what is next then. */
  once(seen: Seen): Promise<Seen>
  /** What is next now. */
  look(): Promise<Seen>
  /** Marks choice `number` and sends it. */
  send(number: number): Promise<void>
  /** Waits until keys are taken again that something which opened by itself had ignored. */
  awake(): Promise<void>
}

const WAIT_MS = 30_000
/** Most presses until keys are taken again; each is waited for 150 ms. */
const MOST_PRESSES = 40

export function createPlayer(options: PlayerOptions): Player {
  const { terminal, answers } = options
  const story: Seen[] = []
  const tries = new Map<string, number>()

  const now = () => readScreen(terminal.screen())
  const decidable = (seen: Seen) => seen.kind !== 'busy' && seen.kind !== 'other'

  const look = async (): Promise<Seen> => {
    const screen = await terminal.waitFor(
      (next) => decidable(readScreen(next)) && settled(readScreen(next)),
      WAIT_MS,
    )
    return read(readScreen(screen))
  }

  /** What is longer than a page is read on: a step until its marked command, an outcome to its end. */
  const read = async (seen: Seen): Promise<Seen> => {
    const enough = (page: Seen) =>
      page.kind === 'run' ? page.command !== undefined : page.kind !== 'outcome'
    let page = seen
    if (page.kind === 'outcome') await awake()
    while (!enough(page) && rowOfMore(page.screen) !== undefined) {
      const { screen } = page
      terminal.keys('Space')
      // The lowest row of the page: what stands above it is drawn then.
      await terminal.waitFor((next) => rowOfMore(next) !== rowOfMore(screen))
      story.push(page)
      page = now()
    }
    // What an earlier key set off may show only now.
    return decidable(page) && settled(page) ? page : look()
  }

  const after = async (done: Seen): Promise<Seen> => {
    const screen = await terminal.waitFor((next) => {
      const seen = readScreen(next)
      return decidable(seen) && settled(seen) && !sameAs(done, seen)
    }, WAIT_MS)
    return read(readScreen(screen))
  }

  const awake = async () => {
    const takes = (screen: string) => screen.includes('~ does nothing here')
    for (let attempt = 0; ; attempt++) {
      terminal.keys('~')
      try {
        await terminal.waitFor(takes, 150)
        return
      } catch (error) {
        if (attempt === MOST_PRESSES) throw error
      }
    }
  }

  const send = async (number: number) => {
    terminal.keys(...String(number))
    // A choice that was tried before keeps its sign where the mark would be; the `Now` line names it too.
    await terminal.waitFor(
      new RegExp(`^ *> *${number}  |^ Now +Enter (?:sends|carries out) ${number}\\b`, 'm'),
    )
    terminal.keys('Enter')
  }

  const answer = async (kind: Asked['kind']) => {
    await awake()
    const asked = answers.find(kind, terminal.screen())
    const key = `${asked.kind} ${asked.id}`
    const before = tries.get(key) ?? 0
    tries.set(key, before + 1)
    await send(options.choose?.(asked, before) ?? asked.right)
  }

  const write = async (seen: Seen) => {
    const name = /^Change (\S+?):/.exec(seen.now)?.[1] ?? ''
    const files = answers.lesson.steps[seen.step - 1]?.solution?.files ?? []
    const text = options.write?.(seen) ?? files.find((file) => file.name === name)?.text
    if (text === undefined) throw new Error(`The lesson has no solution for ${name}.`)
    await writeFile(join(workFolder(terminal), name), text)
  }

  const act = async (seen: Seen): Promise<void> => {
    switch (seen.kind) {
      case 'predict':
      case 'because':
      case 'quiz':
        return answer(seen.kind)
      case 'outcome':
        return terminal.keys('Enter')
      case 'task':
        return write(seen)
      case 'endless':
        return terminal.keys('Ctrl-C')
      case 'prompt':
        return terminal.keys('Shift-Tab')
      case 'failed':
      case 'finished':
      case 'dialog':
      case 'busy':
      case 'other':
        throw new Error(`The player has nothing to do here:\n${seen.screen}`)
      default:
        return terminal.keys('Enter')
    }
  }

  const once = async (seen: Seen) => {
    await act(seen)
    return after(seen)
  }

  return {
    story,
    look,
    once,
    send,
    awake,
    playUntil: async (stop) => {
      let seen = await look()
      for (;;) {
        story.push(seen)
        if (stop(seen)) return seen
        seen = await once(seen)
      }
    },
  }
}

/** Where the learner's files of the lesson are. */
export function workFolder(terminal: { readonly home: string }): string {
  return join(terminal.home, 'data', 'work', '08-deny-egress')
}

function rowOfMore(screen: string): string | undefined {
  return /^.*\b\d+ more (?:lines|below): Space/m.exec(screen)?.[0]
}

/** A frame is painted row by row: header and `Now` line have to be there. */
function settled(seen: Seen): boolean {
  return seen.now !== '' && (seen.kind === 'start' || seen.kind === 'finished' || seen.step > 0)
}

/** Whether a screen asks for the same thing as the one on which something was just done. */
function sameAs(before: Seen, seen: Seen): boolean {
  if (before.step !== seen.step) return false
  // The terminal that Enter opens stands there for a moment before the command runs in it.
  if (before.kind === 'run' && seen.kind === 'prompt') return true
  if (before.kind !== seen.kind) return false
  switch (seen.kind) {
    case 'run':
      return sameCommand(before.command, seen.command)
    case 'predict':
    case 'quiz':
    case 'because':
    case 'answered':
    case 'outcome':
      return body(before.screen) === body(seen.screen)
    default:
      return true
  }
}

function sameCommand(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return true
  return a.startsWith(b) || b.startsWith(a)
}

/** The choices and signs of a screen, without what moves while it is answered: the mark and the lower rows. */
function body(screen: string): string {
  return screen
    .split('\n')
    .slice(1, -4)
    .map((row) => row.replace(/^ *>/, '').replace(/\s+/g, ' ').trim())
    .join('\n')
}
