import {
  type OpenTerminalOptions,
  openTerminal,
  type TerminalDriver,
} from '../harness/open-terminal.ts'
import { programCommand } from '../program.ts'
import { type LessonAnswers, readAnswers } from './lesson-answers.ts'
import { createPlayer, type Player, type PlayerOptions } from './player.ts'
import { readScreen } from './read-screen.ts'

export interface OpenedLesson {
  readonly terminal: TerminalDriver
  readonly player: Player
}

let answers: Promise<LessonAnswers> | undefined

/**
 * Opens the lesson on a simulated cluster and waits until the learner can begin. The cluster is named on the command line; with
 * `firstStart` it is chosen on the start screen, and remembered.
 */
export async function openLesson(
  options: Partial<OpenTerminalOptions> & {
    readonly args?: readonly string[]
    readonly firstStart?: boolean
    readonly choose?: PlayerOptions['choose']
    readonly write?: PlayerOptions['write']
  } = {},
): Promise<OpenedLesson> {
  const { args = [], firstStart = false, choose, write, ...screen } = options
  answers ??= readAnswers()
  const terminal = await openTerminal({
    command: firstStart
      ? programCommand('start', ...args)
      : programCommand('start', 'deny-egress', '--cluster', 'simulated', ...args),
    ...screen,
  })
  const player = createPlayer({
    terminal,
    answers: await answers,
    ...(choose === undefined ? {} : { choose }),
    ...(write === undefined ? {} : { write }),
  })
  await player.playUntil((seen) => seen.kind !== 'start')
  return { terminal, player }
}

/** Types a command once a prompt of the terminal pane waits, and waits for what it prints. */
export async function typeCommand(
  terminal: TerminalDriver,
  command: string,
  printed: string | RegExp,
): Promise<string> {
  await terminal.waitFor((screen) => !readScreen(screen).now.includes('Ctrl-C stops it'))
  terminal.type(command)
  await terminal.waitFor((screen) => screen.replace(/\s/g, '').includes(command.replace(/\s/g, '')))
  terminal.keys('Enter')
  return terminal.waitFor(printed)
}
