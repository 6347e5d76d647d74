import { readFileSync } from 'node:fs'

/** What was recorded in one situation. */
export interface Situation {
  readonly name: string
  readonly commands: readonly RecordedCommand[]
}

export interface RecordedCommand {
  readonly line: string
  readonly output: readonly string[]
  /** 124: it was interrupted. */
  readonly code: number
  readonly seconds: number
}

/** Reads a file of `fixtures/`. */
export function readRecording(file: string): Situation[] {
  const text = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8')
  return text
    .split(/^######## /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...rest] = part.split('\n')
      const commands = rest
        .join('\n')
        .split(/^\$ /m)
        .slice(1)
        .map((block) => {
          const match = /^(.*)\n([\s\S]*?)\[exit (\d+) after ([\d.]+) s\]\n/.exec(block)
          if (match === null) throw new Error(`unreadable block: ${block}`)
          const [, line = '', output = '', code, seconds] = match
          return {
            line,
            output: output.split('\n').slice(0, -1),
            code: Number(code),
            seconds: Number(seconds),
          }
        })
      return { name, commands }
    })
}

/** Whether lines are as recorded: `[..]` is any text, a line `...` any lines. */
export function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return actual.length === 0
  if (first === '...') {
    return actual.some((_line, at) => matches(rest, actual.slice(at))) || matches(rest, [])
  }
  const [line, ...others] = actual
  if (line === undefined) return false
  const pattern = first
    .split('[..]')
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(line) && matches(rest, others)
}

/** Lines as a terminal shows them: what a carriage return overwrote is gone. */
export function shown(output: string): string[] {
  const lines = output.split('\n').map((line) => line.slice(line.lastIndexOf('\r') + 1))
  return output.endsWith('\n') || output === '' ? lines.slice(0, -1) : lines
}
