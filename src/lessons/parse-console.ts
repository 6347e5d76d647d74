import type { Code } from 'mdast'
import { contentPlace } from './markdown.ts'
import type { ConsoleItem } from './model.ts'
import type { Problems } from './problems.ts'

export type BareItem = Omit<ConsoleItem, 'id' | 'prediction'>

/**
 * A terminal session as documentation shows it: `$ ` lines are typed at the lab's prompt, `/ # ` lines in the pod's
 * shell, everything else is expected output. A lab line that ends in a backslash goes on in the next line.
 */
export function parseConsole(code: Code, file: string, problems: Problems): readonly BareItem[] {
  const place = contentPlace(code, file)
  const items: { -readonly [K in keyof BareItem]: BareItem[K] }[] = []
  const lines = code.value.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const at = { file, line: place.firstLine + index, column: place.indent + 1 }
    const prompt = /^(\$|\/ #)(?: (.*))?$/.exec(line)
    if (prompt === null) {
      const item = items.at(-1)
      if (item !== undefined) item.expected = [...item.expected, line]
      else if (line.trim() !== '') {
        problems.add(
          at,
          'console-order',
          'Start a console block with a line "$ command" or "/ # command"; output comes after it.',
        )
      }
      continue
    }
    const isPod = prompt[1] === '/ #'
    let command = (prompt[2] ?? '').trim()
    while (!isPod && command.endsWith('\\')) {
      const next = lines[index + 1]
      if (next === undefined || next.trim() === '') {
        problems.add(
          at,
          'console-continuation',
          'Nothing follows the backslash. Take it away, or write the rest on the next line.',
        )
        break
      }
      index++
      command = `${command.slice(0, -1).trimEnd()} ${next.replace(/^\s*(?:> )?/, '').trimEnd()}`
    }
    if (command === '') {
      problems.add(at, 'console-empty', 'Write a command after the prompt.')
      continue
    }
    items.push({ place: isPod ? 'pod' : 'lab', command, expected: [], interrupt: false, at })
  }
  if (lines.every((line) => line.trim() === '')) {
    problems.add(
      { file, line: place.firstLine - 1, column: place.indent + 1 },
      'console-empty',
      'Write at least one command in a console block.',
    )
  }
  return items.map((item) => ({
    ...item,
    expected: trimBlank(item.expected),
    interrupt: item.expected.includes('^C'),
  }))
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const texts = lines.map((line) => line.trimEnd())
  while (texts.at(-1) === '') texts.pop()
  return texts
}
