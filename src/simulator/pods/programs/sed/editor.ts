import { FileError } from '../../files/file-node.ts'
import type { ProgramContext } from '../../process/program.ts'
import { pathOf, withinMemory } from '../../process/program-context.ts'
import { inTurns } from '../../turns.ts'
import { ProgramError } from '../busybox-program.ts'
import { replaced } from '../replacing.ts'
import type { Address, SedCommand } from './script.ts'

/** What one line goes through, and what stays from line to line. */
export class Editor {
  readonly outputs = new Map<string, true>()
  private readonly context: ProgramContext
  private readonly commands: readonly SedCommand[]
  private readonly quiet: boolean
  private readonly active = new Map<SedCommand, number | true>()
  private readonly finished = new Set<SedCommand>()
  private number = 0
  private hold = ''
  private last: RegExp | undefined

  constructor(context: ProgramContext, commands: readonly SedCommand[], quiet: boolean) {
    this.context = context
    this.commands = commands
    this.quiet = quiet
    for (const command of commands) {
      const name = command.verb === 'w' ? command.text : command.writeTo
      if (name !== undefined && !name.startsWith('/dev/std'))
        this.outputs.set(pathOf(context, name), true)
    }
  }

  restart(): void {
    this.number = 0
    this.active.clear()
    this.finished.clear()
  }

  /** Edits lines; gives the exit code of `q`, where one ended it. */
  async edit(
    lines: AsyncGenerator<string>,
    write: (text: string) => Promise<void>,
  ): Promise<number | undefined> {
    let ahead = await lines.next()
    let newline = '\n'
    let space = ''
    let after: (() => Promise<void>)[] = []
    const take = async (): Promise<string | undefined> => {
      if (ahead.done) return undefined
      const line = ahead.value
      newline = line.endsWith('\n') ? '\n' : ''
      this.number++
      ahead = await lines.next()
      return line.replace(/\n$/, '')
    }
    const flush = async () => {
      const waiting = after
      after = []
      for (const action of waiting) await action()
    }
    let again = false
    for (;;) {
      if (!again) {
        const line = await take()
        if (line === undefined) return undefined
        space = line
      }
      again = false
      let substituted = false
      let quit: number | undefined
      let deleted = false
      for (let at = 0; at < this.commands.length; at++) {
        const command = this.commands[at]
        if (command === undefined) break
        const turn = this.context.process.breathe()
        if (turn !== undefined) await turn
        if (this.selects(command, space, ahead.done === true) === command.negated) {
          if (command.verb !== '{') continue
          if (command.jump === undefined) throw new ProgramError('unterminated {')
          at = command.jump
          continue
        }
        switch (command.verb) {
          case 's': {
            const result = await this.substitute(command, space)
            if (result === undefined) break
            space = result
            substituted = true
            if (command.print) await write(`${space}\n`)
            if (command.writeTo !== undefined)
              await this.writeFile(command.writeTo, `${space}\n`, write)
            break
          }
          case 'p':
            await write(`${space}\n`)
            break
          case 'P':
            await write(`${space.split('\n')[0]}\n`)
            break
          case '=':
            await write(`${this.number}\n`)
            break
          case 'l':
            if (this.context.gnu) await write(`${visible(space)}$\n`)
            break
          case 'd':
            deleted = true
            break
          case 'D': {
            const end = space.indexOf('\n')
            deleted = true
            if (end !== -1) {
              space = space.slice(end + 1)
              again = true
            }
            break
          }
          case 'n': {
            if (ahead.done) {
              quit = 0
              break
            }
            if (!this.quiet) await write(space + newline)
            await flush()
            space = (await take()) ?? ''
            break
          }
          case 'N': {
            if (ahead.done) {
              quit = 0
              break
            }
            await flush()
            space = joined(space, (await take()) ?? '')
            break
          }
          case 'h':
            this.hold = space
            break
          case 'H':
            this.hold = joined(this.hold, space)
            break
          case 'g':
            space = this.hold
            break
          case 'G':
            space = joined(space, this.hold)
            break
          case 'x':
            ;[space, this.hold] = [this.hold, space]
            break
          case 'i':
            await write(`${command.text}\n`)
            break
          case 'a': {
            const { text } = command
            after.push(() => write(`${text}\n`))
            break
          }
          case 'c':
            deleted = true
            if (command.to === undefined || command.negated || !this.active.has(command))
              await write(`${command.text}\n`)
            break
          case 'r': {
            const name = command.text ?? ''
            after.push(() => this.readFile(name, write))
            break
          }
          case 'w':
            await this.writeFile(command.text ?? '', `${space}\n`, write)
            break
          case 'y':
            space = [...space].map((char) => command.map?.get(char) ?? char).join('')
            break
          case 'q':
          case 'Q':
            quit = command.exitCode ?? 0
            if (command.verb === 'Q') deleted = true
            break
          case 'b':
            labelled(command)
            at = command.jump ?? this.commands.length
            break
          case 't':
            if (substituted) labelled(command)
            if (substituted) at = command.jump ?? this.commands.length
            substituted = false
            break
          case 'T':
            if (!substituted) labelled(command)
            if (!substituted) at = command.jump ?? this.commands.length
            substituted = false
            break
          default:
        }
        if (deleted || quit !== undefined) break
      }
      if (!deleted && !this.quiet) await write(space + newline)
      await flush()
      if (quit !== undefined) return quit
    }
  }

  private matches(address: Address, space: string, last: boolean): boolean {
    switch (address.kind) {
      case 'line':
        return address.line === this.number
      case 'last':
        return last
      case 'step':
        return address.step === 0
          ? this.number === address.first
          : this.number >= address.first && (this.number - address.first) % address.step === 0
      case 'pattern':
        return this.test(address.pattern, space)
    }
  }

  private test(pattern: RegExp | undefined, space: string): boolean {
    const expression = pattern ?? this.last
    if (expression === undefined) throw new ProgramError('no previous regexp')
    this.last = expression
    return expression.test(space)
  }

  private selects(command: SedCommand, space: string, last: boolean): boolean {
    const { from, to } = command
    if (from === undefined) return true
    if (to === undefined) return this.matches(from, space, last)
    const open = this.active.get(command)
    if (open === undefined) {
      const fromZero = this.context.gnu === true && from.kind === 'line' && from.line === 0
      if (fromZero) {
        if (this.finished.has(command)) return false
        this.finished.add(command)
      } else if (!this.matches(from, space, last)) return false
      if (to.kind === 'plus') {
        if (to.count > 0) this.active.set(command, this.number + to.count)
      } else if (to.kind === 'line') {
        if (to.line > this.number) this.active.set(command, to.line)
      } else if (fromZero ? !this.matches(to, space, last) : true) this.active.set(command, true)
      if (to.kind === 'last' && last) this.active.delete(command)
      return true
    }
    if (typeof open === 'number') {
      if (this.number > open) {
        this.active.delete(command)
        return this.selects(command, space, last)
      }
      if (this.number === open) this.active.delete(command)
    } else if (to.kind !== 'plus' && this.matches(to, space, last)) this.active.delete(command)
    return true
  }

  private async substitute(command: SedCommand, space: string): Promise<string | undefined> {
    const pattern = command.pattern ?? this.last
    if (pattern === undefined) throw new ProgramError('no previous regexp')
    this.last = pattern
    const wanted = command.occurrence ?? 1
    const { text, count } = await inTurns(
      replaced(space, pattern, {
        all: command.global === true,
        by: (match, index) =>
          (command.global ? index + 1 < wanted : index + 1 !== wanted)
            ? undefined
            : fillReplacement(command.replacement ?? '', match[0], match.slice(1)),
      }),
      this.context.process,
    )
    return count > 0 ? text : undefined
  }

  private async writeFile(
    name: string,
    text: string,
    write: (text: string) => Promise<void>,
  ): Promise<void> {
    if (name === '/dev/stdout') await write(text)
    else if (name === '/dev/stderr') await this.context.stderr.write(text)
    else
      this.context.container.files.append(
        pathOf(this.context, name),
        new TextEncoder().encode(text),
      )
  }

  private async readFile(name: string, write: (text: string) => Promise<void>): Promise<void> {
    try {
      await write(this.context.container.files.readText(pathOf(this.context, name)))
    } catch (error) {
      // A file that cannot be read is no file.
      if (!(error instanceof FileError)) throw error
    }
  }
}

/** Two lines as one with a newline in it. */
function joined(one: string, other: string): string {
  withinMemory(one.length + other.length + 1)
  return `${one}\n${other}`
}

/** Throws `ProgramError` for a jump that leads nowhere. */
function labelled({ missingLabel }: SedCommand): void {
  if (missingLabel !== undefined)
    throw new ProgramError(`can't find label for jump to '${missingLabel}'`)
}

function visible(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
  }
  return [...text]
    .map((char) => {
      const code = char.codePointAt(0) ?? 0
      return (
        names[char] ?? (code < 32 || code === 127 ? `\\${code.toString(8).padStart(3, '0')}` : char)
      )
    })
    .join('')
}

function fillReplacement(replacement: string, whole: string, groups: readonly unknown[]): string {
  return replacement.replace(/\\([\s\S])|&/g, (text, escaped: string | undefined) => {
    if (text === '&') return whole
    if (escaped === undefined) return text
    if (/[0-9]/.test(escaped)) {
      const group = escaped === '0' ? whole : groups[Number(escaped) - 1]
      return typeof group === 'string' ? group : ''
    }
    return { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007' }[escaped] ?? escaped
  })
}
