import { pathOf } from '../process/program-context.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'
import { inputs, linesOf } from './lines.ts'
import { posixRegExp } from './posix-regexp.ts'

const USAGE = `sed [-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...
or: sed [-i[SFX]] [-nrE] CMD [FILE]...

	-e CMD	Add CMD to sed commands to be executed
	-f FILE	Add FILE contents to sed commands to be executed
	-i[SFX]	Edit files in-place (otherwise write to stdout)
	-n	Suppress automatic printing of pattern space
	-r,-E	Use extended regex syntax`

type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }

interface SedCommand {
  readonly from: Address | undefined
  readonly to: Address | undefined
  readonly negated: boolean
  readonly verb: string
  readonly pattern?: RegExp
  readonly replacement?: string
  readonly print?: boolean
  readonly occurrence?: number
  readonly text?: string
  active: boolean
}

/** sed with the commands of everyday use: s, p, d, q, =, a, i, c, y; addresses and ranges. */
export const sed = busyboxProgram(USAGE, async (context, args) => {
  const options = parseOptions(args, 'nrEe:f:is')
  const operands = [...options.operands]
  const scripts = [...options.values('e')]
  for (const file of options.values('f'))
    scripts.push(context.container.files.readText(pathOf(context, file)))
  if (scripts.length === 0) {
    const script = operands.shift()
    if (script === undefined) throw new UsageError('')
    scripts.push(script)
  }
  const extended = options.has('r') || options.has('E')
  const commands = parseScript(scripts.join('\n'), extended)
  const quiet = options.has('n')
  let status = 0
  let quit = false
  const missing = () => {
    status = 1
  }
  let number = 0
  for await (const source of inputs(context, operands, missing)) {
    let out = ''
    const write = async (text: string) => {
      if (options.has('i')) out += text
      else await context.stdout.write(text)
    }
    if (options.has('i')) number = 0
    const iterator = linesOf(source.input)
    let next = await iterator.next()
    while (!next.done && !quit) {
      const line = next.value
      next = await iterator.next()
      number++
      const result = applyCommands(commands, line.replace(/\n$/, ''), {
        number,
        last: next.done === true,
        quiet,
      })
      quit = result.quit
      await write(result.out)
    }
    if (options.has('i') && source.name !== '(standard input)')
      context.container.files.write(pathOf(context, source.name), out)
  }
  return status
})

function applyCommands(
  commands: readonly SedCommand[],
  line: string,
  place: { readonly number: number; readonly last: boolean; readonly quiet: boolean },
): { readonly out: string; readonly quit: boolean } {
  let space = line
  let out = ''
  let after = ''
  const matches = (address: Address) =>
    address.kind === 'line'
      ? address.line === place.number
      : address.kind === 'last'
        ? place.last
        : address.pattern.test(space)
  for (const command of commands) {
    let selected = true
    if (command.from !== undefined && command.to !== undefined) {
      if (command.active) {
        if (matches(command.to) || (command.to.kind === 'line' && command.to.line <= place.number))
          command.active = false
      } else if (matches(command.from)) {
        command.active = !(command.to.kind === 'line' && command.to.line <= place.number)
      } else selected = false
    } else if (command.from !== undefined) selected = matches(command.from)
    if (selected === command.negated) continue
    switch (command.verb) {
      case 's': {
        let count = 0
        const wanted = command.occurrence ?? 1
        const global = command.pattern?.global === true
        const before = space
        let changed = false
        space = before.replace(
          new RegExp(command.pattern ?? /(?:)/, `g${command.pattern?.ignoreCase ? 'i' : ''}`),
          (whole, ...groups) => {
            count++
            if (global ? count < wanted : count !== wanted) return whole
            changed = true
            return fillReplacement(command.replacement ?? '', whole, groups)
          },
        )
        if (changed && command.print) out += `${space}\n`
        break
      }
      case 'p':
        out += `${space}\n`
        break
      case '=':
        out += `${place.number}\n`
        break
      case 'd':
        return { out: out + after, quit: false }
      case 'q':
        return { out: `${out}${place.quiet ? '' : `${space}\n`}${after}`, quit: true }
      case 'i':
        out += `${command.text}\n`
        break
      case 'a':
        after += `${command.text}\n`
        break
      case 'c':
        return { out: `${out}${command.active ? '' : `${command.text}\n`}${after}`, quit: false }
      case 'y':
        space = [...space]
          .map((char) => {
            const at = [...(command.text ?? '')].indexOf(char)
            return at === -1 ? char : ([...(command.replacement ?? '')][at] ?? char)
          })
          .join('')
        break
      default:
    }
  }
  return { out: `${out}${place.quiet ? '' : `${space}\n`}${after}`, quit: false }
}

function fillReplacement(replacement: string, whole: string, groups: readonly unknown[]): string {
  return replacement.replace(/\\([\s\S])|&/g, (text, escaped: string | undefined) => {
    if (text === '&') return whole
    if (escaped === undefined) return text
    if (/[0-9]/.test(escaped)) {
      const group = escaped === '0' ? whole : groups[Number(escaped) - 1]
      return typeof group === 'string' ? group : ''
    }
    return escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped
  })
}

function parseScript(script: string, extended: boolean): SedCommand[] {
  const commands: SedCommand[] = []
  let at = 0
  const skip = () => {
    while (at < script.length && /[\s;]/.test(script[at] ?? '')) at++
  }
  const delimited = (delimiter: string): string => {
    let text = ''
    while (at < script.length && script[at] !== delimiter) {
      if (script[at] === '\\' && script[at + 1] === delimiter) at++
      else if (script[at] === '\\') text += script[at++] ?? ''
      text += script[at++] ?? ''
    }
    if (at >= script.length) throw new ProgramError('unmatched delimiter')
    at++
    return text
  }
  const address = (): Address | undefined => {
    const line = /^\d+/.exec(script.slice(at))?.[0]
    if (line !== undefined) {
      at += line.length
      return { kind: 'line', line: Number(line) }
    }
    if (script[at] === '$') {
      at++
      return { kind: 'last' }
    }
    if (script[at] !== '/') return undefined
    at++
    return { kind: 'pattern', pattern: posixRegExp(delimited('/'), { extended }) }
  }
  for (;;) {
    skip()
    if (at >= script.length) return commands
    if (script[at] === '#') {
      while (at < script.length && script[at] !== '\n') at++
      continue
    }
    const from = address()
    let to: Address | undefined
    if (from !== undefined && script[at] === ',') {
      at++
      to = address()
      if (to === undefined) throw new ProgramError('no address after comma')
    }
    while (script[at] === ' ') at++
    const negated = script[at] === '!'
    if (negated) at++
    while (script[at] === ' ') at++
    const verb = script[at++] ?? ''
    const base = { from, to, negated, verb, active: false }
    if (verb === 's' || verb === 'y') {
      const delimiter = script[at++] ?? '/'
      const left = delimited(delimiter)
      const right = delimited(delimiter)
      const flags = /^[gpiI0-9]*/.exec(script.slice(at))?.[0] ?? ''
      at += flags.length
      if (verb === 'y') commands.push({ ...base, text: left, replacement: right })
      else {
        const digits = /\d+/.exec(flags)?.[0]
        commands.push({
          ...base,
          pattern: posixRegExp(left, {
            extended,
            global: flags.includes('g'),
            ignoreCase: /i/i.test(flags),
          }),
          replacement: right,
          print: flags.includes('p'),
          ...(digits === undefined ? {} : { occurrence: Number(digits) }),
        })
      }
    } else if ('aic'.includes(verb) && verb !== '') {
      const end = script.indexOf('\n', at)
      const text = script.slice(at, end === -1 ? undefined : end).replace(/^\s*\\?\s*/, '')
      at = end === -1 ? script.length : end
      commands.push({ ...base, text })
    } else if ('pdq='.includes(verb) && verb !== '') commands.push(base)
    else throw new ProgramError(`unsupported command ${verb}`)
  }
}
