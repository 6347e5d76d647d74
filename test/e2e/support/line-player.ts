import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TerminalDriver } from '../harness/open-terminal.ts'
import type { Asked, LessonAnswers } from './lesson-answers.ts'
import { workFolder } from './player.ts'

/** What plain text said since the last line was entered, and the prompt that waits behind it. */
export interface Said {
  readonly text: string
  readonly prompt: string
}

/** A learner in plain text: reads what comes, and enters empty lines, numbers and commands. */
export interface LinePlayer {
  /** Everything that was said, one entry for each line that was entered. */
  readonly story: readonly Said[]
  /** Waits for the first prompt. */
  look(): Promise<Said>
  /** Enters a line and waits for the next prompt. */
  enter(line: string): Promise<Said>
  /** Does what comes next until `stop`. */
  playUntil(stop: (said: Said) => boolean): Promise<Said>
}

const PROMPT = /^(lab> |pod \S+> |Number, then Enter: |Enter: )$/
const WAIT_MS = 30_000
const KINDS: readonly (readonly [RegExp, Asked['kind']])[] = [
  [/^What will the pod see\?$/m, 'predict'],
  [/^Because\.$/m, 'because'],
  [/^Quiz \d+ of \d+\.$/m, 'quiz'],
]

export function createLinePlayer(options: {
  readonly terminal: TerminalDriver
  readonly answers: LessonAnswers
}): LinePlayer {
  const { terminal, answers } = options
  const story: Said[] = []
  let from = 0
  let question: Asked | undefined

  const fresh = () => terminal.raw.slice(from).replaceAll('\r\n', '\n')
  const promptOf = (text: string) => PROMPT.exec(text.slice(text.lastIndexOf('\n') + 1))?.[1]

  const prompted = async (ready: (text: string) => boolean): Promise<Said> => {
    await terminal.waitFor(() => ready(fresh()), WAIT_MS)
    const text = fresh()
    const said = { text, prompt: promptOf(text) ?? '' }
    story.push(said)
    const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1]
    if (kind !== undefined) question = answers.find(kind, text)
    return said
  }
  const look = () => prompted((text) => promptOf(text) !== undefined)

  const enter = (line: string): Promise<Said> => {
    from = terminal.raw.length
    terminal.type(`${line}\r`)
    // The echo ends the prompt's line; what is said stands below it. A ping goes on until it is stopped.
    return prompted(
      (text) => (text.includes('\n') && promptOf(text) !== undefined) || isEndless(text),
    )
  }

  const next = async (said: Said): Promise<Said> => {
    if (isEndless(said.text)) {
      from = terminal.raw.length
      terminal.keys('Ctrl-C')
      return look()
    }
    // Checks that take a while run behind an open prompt.
    if (
      /^\s*(?:(?:The checks run\.|the checks run already|the lab looks at the same connection itself; a\s+moment)\s*)*$/.test(
        textOf(said),
      )
    ) {
      from = terminal.raw.length - said.prompt.length
      return prompted((text) => textOf({ text }).includes('\n') && promptOf(text) !== undefined)
    }
    if (said.prompt.startsWith('Number')) {
      if (question === undefined) throw new Error(`No question of the lesson: ${said.text}`)
      return enter(String(question.right))
    }
    const file = /^Change (\S+?):/m.exec(said.text)?.[1]
    if (file !== undefined) {
      from = terminal.raw.length
      const step = Number(/step (\d+)/i.exec(lastStep())?.[1])
      const solution = answers.lesson.steps[step - 1]?.solution?.files ?? []
      const text = solution.find((each) => each.name === file)?.text ?? ''
      await writeFile(join(workFolder(terminal), file), text)
      return prompted((heard) => promptOf(heard) !== undefined)
    }
    return enter('')
  }

  const lastStep = () =>
    story.findLast(({ text }) => /^Step \d+ of \d+/m.test(text))?.text.match(/^Step \d+/m)?.[0] ??
    ''

  return {
    story,
    look,
    enter,
    playUntil: async (stop) => {
      let said = story.at(-1) ?? (await look())
      let again = 0
      while (!stop(said)) {
        const before = said.text
        said = await next(said)
        again = said.text === before ? again + 1 : 0
        if (again === 3) throw new Error(`Plain text says the same again and again: ${before}`)
      }
      return said
    },
  }
}

/** What was said, without the prompts. */
function textOf({ text }: Pick<Said, 'text'>): string {
  return text
    .split('\n')
    .filter((row) => !PROMPT.test(row))
    .join('\n')
}

function isEndless(text: string): boolean {
  return /^PING .* data bytes$/m.test(text) && !text.includes('packets transmitted')
}
