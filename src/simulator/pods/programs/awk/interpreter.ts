import { characterCount, characterSlice } from '../../characters.ts'
import { FileError } from '../../files/file-node.ts'
import type { OpenFile } from '../../process/open-file.ts'
import type { ProgramContext, ProgramInput } from '../../process/program.ts'
import { inputFrom, pathOf, withinMemory } from '../../process/program-context.ts'
import { openTreeFile } from '../../process/tree-file.ts'
import { inTurns } from '../../turns.ts'
import { BoundedRegExp } from '../bounded-regexp.ts'
import { ProgramError } from '../busybox-program.ts'
import { formatDate } from '../date-format.ts'
import { posixRegExp } from '../posix-regexp.ts'
import { replaced } from '../replacing.ts'
import { startChild } from '../start-child.ts'
import { formatted } from './format.ts'
import { AwkArray, Memory, sizeOf } from './memory.ts'
import { Streams } from './streams.ts'
import type { AwkProgram, Expression, Statement } from './syntax.ts'
import { BUILT_IN, withEscapes } from './tokens.ts'
import { arithmetic, isNumeric, toNumber, truth, type Value } from './values.ts'

/** A variable: a value, or an array. */
type Cell = { value: Value | undefined; array: AwkArray | undefined }

class Leave extends Error {
  readonly how: 'next' | 'nextfile' | 'break' | 'continue'
  constructor(how: Leave['how']) {
    super(how)
    this.how = how
  }
}
class Exit extends Error {}
class Return extends Error {
  readonly value: Value
  constructor(value: Value) {
    super('return')
    this.value = value
  }
}

/** Runs a program over its input. */
export class Interpreter {
  private readonly context: ProgramContext
  private readonly program: AwkProgram
  private readonly globals = new Map<string, Cell>()
  private frames: Map<string, Cell>[] = []
  private record = ''
  private fields: Value[] = []
  private split = true
  private fieldCount = 0
  private readonly regexes = new Map<string, RegExp>()
  private readonly ranges = new Set<number>()
  private readonly operands: string[]
  private input: { readonly stream: ProgramInput; readonly file: OpenFile | undefined } | undefined
  private buffered = ''
  private inputEnded = false
  private sawFile = false
  private status = 0
  private readonly streams: Streams
  private seed = 0

  constructor(context: ProgramContext, program: AwkProgram, operands: readonly string[]) {
    this.context = context
    this.program = program
    this.operands = [...operands]
    this.streams = new Streams(context)
    const initial: Readonly<Record<string, Value>> = {
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      NR: 0,
      NF: 0,
      FNR: 0,
      FILENAME: '',
      SUBSEP: '\u001c',
      RSTART: 0,
      RLENGTH: -1,
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      ARGC: operands.length + 1,
    }
    for (const [name, value] of Object.entries(initial)) this.set(name, value)
    const argv = this.array('ARGV')
    argv.set('0', 'awk')
    for (const [index, operand] of operands.entries())
      argv.set(String(index + 1), { text: operand })
    const environment = this.array('ENVIRON')
    for (const [name, value] of context.env) environment.set(name, { text: value })
  }

  async run(): Promise<number> {
    try {
      await this.rules('begin')
      const reads = this.program.rules.some(({ kind }) => kind !== 'begin')
      if (reads) {
        while (await this.nextRecord()) {
          try {
            await this.mainRules()
          } catch (error) {
            if (!(error instanceof Leave)) throw error
            if (error.how === 'nextfile') this.closeInput()
          }
        }
      }
    } catch (error) {
      if (!(error instanceof Exit)) throw error
    }
    try {
      await this.rules('end')
    } catch (error) {
      if (!(error instanceof Exit)) throw error
    }
    await this.streams.closeWriters()
    return this.status
  }

  private exited = false

  private async rules(kind: 'begin' | 'end'): Promise<void> {
    if (kind === 'end' && this.exited) return
    for (const rule of this.program.rules)
      if (rule.kind === kind && rule.body !== undefined) await this.execute(rule.body)
  }

  private async mainRules(): Promise<void> {
    for (const [index, rule] of this.program.rules.entries()) {
      if (rule.kind !== 'main') continue
      if (rule.to !== undefined && rule.from !== undefined) {
        if (!this.ranges.has(index)) {
          if (!truth(await this.evaluate(rule.from))) continue
          this.ranges.add(index)
        }
        if (truth(await this.evaluate(rule.to))) this.ranges.delete(index)
      } else if (rule.from !== undefined && !truth(await this.evaluate(rule.from))) continue
      if (rule.body === undefined)
        await this.context.stdout.write(`${this.record}${this.text('ORS')}`)
      else await this.execute(rule.body)
    }
  }

  // Variables.

  private cell(name: string): Cell {
    const local = this.frames.at(-1)?.get(name)
    if (local !== undefined) return local
    let cell = this.globals.get(name)
    if (cell === undefined) {
      cell = { value: undefined, array: undefined }
      this.globals.set(name, cell)
    }
    return cell
  }

  private array(name: string): AwkArray {
    const cell = this.cell(name)
    cell.array ??= new AwkArray(this.memory)
    return cell.array
  }

  private readonly memory = new Memory()

  get(name: string): Value {
    if (name === 'NF') {
      this.splitRecord()
      return this.fieldCount
    }
    return this.cell(name).value ?? { text: '' }
  }

  private text(name: string): string {
    return this.string(this.get(name))
  }

  set(name: string, value: Value): void {
    if (name === 'NF') {
      this.splitRecord()
      this.fieldCount = Math.trunc(toNumber(value))
      this.fields.length = Math.min(this.fields.length, this.fieldCount)
      this.joinRecord()
      return
    }
    const cell = this.cell(name)
    this.memory.add(sizeOf(value) - sizeOf(cell.value))
    cell.value = value
  }

  private string(value: Value): string {
    if (typeof value === 'string') return value
    if (typeof value === 'object') return value.text
    if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value)
    return this.format(this.cell('CONVFMT').value === undefined ? '%.6g' : this.text('CONVFMT'), [
      value,
    ])
  }

  private format(format: string, values: readonly Value[]): string {
    return formatted(format, values, (value) => this.string(value))
  }

  // Records and fields.

  private setRecord(text: string): void {
    this.record = text
    this.split = false
  }

  private splitRecord(): void {
    if (this.split) return
    this.split = true
    this.fields = this.splitText(this.record, this.text('FS')).map((text) => ({ text }))
    this.fieldCount = this.fields.length
  }

  private splitText(text: string, separator: string): string[] {
    if (text === '') return []
    if (separator === ' ') return text.split(/[ \t\n]+/).filter((part) => part !== '')
    if (separator === '') return [...text]
    if (this.text('RS') === '')
      return text.split(new BoundedRegExp(`${this.regex(separator).source}|\\n`))
    if (separator.length === 1 && separator !== '\\') return text.split(separator)
    return text.split(new BoundedRegExp(this.regex(separator).source.replace(/\((?!\?)/g, '(?:')))
  }

  private joinRecord(): void {
    const joint = this.text('OFS')
    this.record = Array.from({ length: this.fieldCount }, (_, index) =>
      this.string(this.fields[index] ?? ''),
    ).join(joint)
  }

  private field(index: number): Value {
    if (index < 0) throw new ProgramError('cmd. line:1: Access to negative field')
    if (index === 0) return { text: this.record }
    this.splitRecord()
    return index <= this.fieldCount ? (this.fields[index - 1] ?? { text: '' }) : { text: '' }
  }

  private setField(index: number, value: Value): void {
    if (index === 0) {
      this.setRecord(this.string(value))
      return
    }
    this.splitRecord()
    while (this.fields.length < index) this.fields.push('')
    this.fields[index - 1] = value
    this.fieldCount = Math.max(this.fieldCount, index)
    this.joinRecord()
  }

  // Input.

  private async nextRecord(): Promise<boolean> {
    for (;;) {
      if (this.input === undefined && !(await this.openNext())) return false
      const record = await this.readFrom()
      if (record !== undefined) {
        this.setRecord(record)
        this.set('NR', toNumber(this.get('NR')) + 1)
        this.set('FNR', toNumber(this.get('FNR')) + 1)
        return true
      }
      this.closeInput()
    }
  }

  private closeInput(): void {
    this.input?.file?.release()
    this.input = undefined
    this.buffered = ''
  }

  private async openNext(): Promise<boolean> {
    for (;;) {
      const name = this.operands.shift()
      if (name === undefined) {
        if (this.sawFile) return false
        this.sawFile = true
        this.input = { stream: this.context.stdin, file: undefined }
        break
      }
      const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(name)
      if (assignment?.[1] !== undefined) {
        this.set(assignment[1], { text: withEscapes(assignment[2] ?? '') })
        continue
      }
      this.sawFile = true
      if (name === '-') this.input = { stream: this.context.stdin, file: undefined }
      else {
        try {
          const file = openTreeFile(
            this.context.container.files,
            pathOf(this.context, name),
            'read',
          )
          this.input = { stream: inputFrom(file, this.context.signal, this.context.process), file }
        } catch (error) {
          if (!(error instanceof FileError)) throw error
          await this.context.stderr.write(`awk: ${name}: ${error.message}\n`)
          this.status = 2
          continue
        }
      }
      this.set('FILENAME', { text: name })
      break
    }
    this.inputEnded = false
    this.set('FNR', 0)
    return true
  }

  private async readFrom(): Promise<string | undefined> {
    const stream = this.input?.stream
    if (stream === undefined) return undefined
    const separator = this.text('RS')
    if (separator === '\n') {
      const line = await stream.readLine()
      return line?.replace(/\n$/, '')
    }
    const blankLines = separator === ''
    const expression = blankLines
      ? /\n\n+/
      : separator.length === 1
        ? new RegExp(separator.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
        : this.regex(separator)
    for (;;) {
      if (blankLines) this.buffered = this.buffered.replace(/^\n+/, '')
      const match = expression.exec(this.buffered)
      const whole =
        match !== null &&
        (this.inputEnded ||
          match.index + match[0].length < this.buffered.length ||
          separator.length === 1)
      if (match !== null && whole) {
        const record = this.buffered.slice(0, match.index)
        this.buffered = this.buffered.slice(match.index + match[0].length)
        return record
      }
      if (this.inputEnded) {
        const rest = this.buffered.replace(/\n$/, '')
        this.buffered = ''
        return rest === '' ? undefined : rest
      }
      const line = await stream.readLine()
      if (line === undefined) this.inputEnded = true
      else {
        withinMemory(this.buffered.length + line.length)
        this.buffered += line
      }
    }
  }

  // Statements.

  private async execute(statement: Statement): Promise<void> {
    // A busy program lets others in.
    const turn = this.context.process.breathe()
    if (turn !== undefined) await turn
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.body) await this.execute(inner)
        return
      case 'expression':
        await this.evaluate(statement.value)
        return
      case 'print':
        return this.print(statement)
      case 'if':
        if (truth(await this.evaluate(statement.test))) await this.execute(statement.yes)
        else if (statement.no !== undefined) await this.execute(statement.no)
        return
      case 'while':
        return this.loop(statement.test, statement.body, undefined, statement.after)
      case 'for':
        if (statement.first !== undefined) await this.execute(statement.first)
        return this.loop(statement.test, statement.body, statement.next, false)
      case 'for-in':
        for (const key of [...this.array(statement.array).keys()]) {
          this.set(statement.variable, { text: key })
          if (!(await this.turn(statement.body))) return
        }
        return
      case 'leave':
        throw new Leave(statement.how)
      case 'exit':
        if (statement.value !== undefined)
          this.status = Math.trunc(toNumber(await this.evaluate(statement.value))) & 0xff
        // A second `exit`, in END, ends there.
        throw new Exit()
      case 'return':
        throw new Return(
          statement.value === undefined ? { text: '' } : await this.evaluate(statement.value),
        )
      case 'delete':
        if (statement.keys === undefined) this.array(statement.name).clear()
        else this.array(statement.name).delete(await this.key(statement.keys))
    }
  }

  /** Runs a loop's body; `false` where it was left. */
  private async turn(body: Statement): Promise<boolean> {
    try {
      await this.execute(body)
      return true
    } catch (error) {
      if (!(error instanceof Leave)) throw error
      if (error.how === 'continue') return true
      if (error.how === 'break') return false
      throw error
    }
  }

  private async loop(
    test: Expression | undefined,
    body: Statement,
    next: Statement | undefined,
    after: boolean,
  ): Promise<void> {
    for (let first = after; ; first = false) {
      if (!first && test !== undefined && !truth(await this.evaluate(test))) return
      if (!(await this.turn(body))) return
      if (next !== undefined) await this.execute(next)
    }
  }

  private async print(statement: Extract<Statement, { kind: 'print' }>): Promise<void> {
    const values: Value[] = []
    for (const argument of statement.args) values.push(await this.evaluate(argument))
    const shown = (value: Value) =>
      typeof value === 'number' && !Number.isInteger(value)
        ? this.format(this.text('OFMT'), [value])
        : this.string(value)
    const text = statement.formatted
      ? this.format(this.string(values[0] ?? ''), values.slice(1))
      : `${values.length === 0 ? this.record : values.map(shown).join(this.text('OFS'))}${this.text('ORS')}`
    if (statement.to === undefined || statement.target === undefined) {
      await this.context.stdout.write(text)
      return
    }
    const target = this.string(await this.evaluate(statement.target))
    await this.streams.writer(target, statement.to).write(text)
  }

  // Expressions.

  private async key(keys: readonly Expression[]): Promise<string> {
    const parts: string[] = []
    for (const part of keys) parts.push(this.string(await this.evaluate(part)))
    return parts.join(this.text('SUBSEP'))
  }

  private async assign(target: Expression, value: Value): Promise<void> {
    if (target.kind === 'group') return this.assign(target.inner, value)
    if (target.kind === 'variable') this.set(target.name, value)
    else if (target.kind === 'field')
      this.setField(Math.trunc(toNumber(await this.evaluate(target.index))), value)
    else if (target.kind === 'element')
      this.array(target.name).set(await this.key(target.keys), value)
  }

  private async evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value
      case 'group':
        return this.evaluate(expression.inner)
      case 'regex':
        return this.regex(expression.source).test(this.record) ? 1 : 0
      case 'variable':
        return this.get(expression.name)
      case 'field':
        return this.field(Math.trunc(toNumber(await this.evaluate(expression.index))))
      case 'element': {
        const array = this.array(expression.name)
        const key = await this.key(expression.keys)
        const value = array.get(key)
        if (value !== undefined) return value
        array.set(key, { text: '' })
        return { text: '' }
      }
      case 'unary': {
        const value = await this.evaluate(expression.operand)
        if (expression.operator === '!') return truth(value) ? 0 : 1
        return expression.operator === '-' ? -toNumber(value) : toNumber(value)
      }
      case 'binary':
        return this.binary(expression)
      case 'assign': {
        let value = await this.evaluate(expression.value)
        if (expression.operator !== '=') {
          const before = await this.evaluate(expression.target)
          const operator = expression.operator === '**=' ? '^' : expression.operator.slice(0, -1)
          value = arithmetic(operator, toNumber(before), toNumber(value))
        }
        await this.assign(expression.target, value)
        return value
      }
      case 'step': {
        const before = toNumber(await this.evaluate(expression.target))
        await this.assign(expression.target, before + expression.by)
        return expression.prefix ? before + expression.by : before
      }
      case 'ternary':
        return this.evaluate(
          truth(await this.evaluate(expression.test)) ? expression.yes : expression.no,
        )
      case 'in':
        return this.array(expression.name).has(await this.key(expression.keys)) ? 1 : 0
      case 'getline':
        return this.getline(expression)
      case 'call':
        return this.call(expression.name, expression.args)
    }
  }

  private async binary(expression: Extract<Expression, { kind: 'binary' }>): Promise<Value> {
    const { operator } = expression
    const left = await this.evaluate(expression.left)
    if (operator === '&&')
      return truth(left) && truth(await this.evaluate(expression.right)) ? 1 : 0
    if (operator === '||')
      return truth(left) || truth(await this.evaluate(expression.right)) ? 1 : 0
    if (operator === '~' || operator === '!~') {
      const matched = (await this.pattern(expression.right)).test(this.string(left))
      return matched === (operator === '~') ? 1 : 0
    }
    const right = await this.evaluate(expression.right)
    if (operator === ' ') {
      const [one, two] = [this.string(left), this.string(right)]
      withinMemory(one.length + two.length)
      return one + two
    }
    if (['<', '<=', '==', '!=', '>', '>='].includes(operator)) {
      const numeric = isNumeric(left) && isNumeric(right)
      const [one, two] = numeric
        ? [toNumber(left), toNumber(right)]
        : [this.string(left), this.string(right)]
      const order = one < two ? -1 : one > two ? 1 : 0
      const holds =
        operator === '<'
          ? order < 0
          : operator === '<='
            ? order <= 0
            : operator === '=='
              ? order === 0
              : operator === '!='
                ? order !== 0
                : operator === '>'
                  ? order > 0
                  : order >= 0
      return holds ? 1 : 0
    }
    return arithmetic(operator, toNumber(left), toNumber(right))
  }

  private async pattern(expression: Expression): Promise<RegExp> {
    if (expression.kind === 'group') return this.pattern(expression.inner)
    if (expression.kind === 'regex') return this.regex(expression.source)
    return this.regex(this.string(await this.evaluate(expression)))
  }

  private regex(source: string): RegExp {
    let expression = this.regexes.get(source)
    if (expression === undefined) {
      expression = posixRegExp(source, { extended: true })
      this.regexes.set(source, expression)
    }
    return expression
  }

  private async getline(expression: Extract<Expression, { kind: 'getline' }>): Promise<Value> {
    let line: string | undefined
    if (expression.from === 'input') {
      const before = this.record
      if (!(await this.nextRecord())) return 0
      line = this.record
      if (expression.target !== undefined) this.setRecord(before)
    } else {
      const source =
        expression.source === undefined ? '' : this.string(await this.evaluate(expression.source))
      const reader = this.streams.reader(source, expression.from)
      if (reader === undefined) return -1
      line = (await reader.readLine())?.replace(/\n$/, '')
      if (line === undefined) return 0
      if (expression.from === 'command') this.set('NR', toNumber(this.get('NR')) + 1)
    }
    if (expression.target !== undefined) await this.assign(expression.target, { text: line })
    else if (expression.from !== 'input') this.setRecord(line)
    return 1
  }

  private async call(name: string, args: readonly Expression[]): Promise<Value> {
    const own = this.program.functions.get(name)
    if (own !== undefined) {
      const frame = new Map<string, Cell>()
      const borrowed = new Set<AwkArray>()
      for (const [index, parameter] of own.parameters.entries()) {
        const argument = args[index]
        // An array goes by reference, and so does a name that may become one.
        if (argument?.kind === 'variable') {
          const cell = this.cell(argument.name)
          if (cell.value === undefined) {
            cell.array ??= new AwkArray(this.memory)
            frame.set(parameter, { value: undefined, array: cell.array })
            borrowed.add(cell.array)
            continue
          }
        }
        const value = argument === undefined ? undefined : await this.evaluate(argument)
        this.memory.add(sizeOf(value))
        frame.set(parameter, { value, array: undefined })
      }
      if (this.frames.length > 1000) throw new ProgramError('function calls are nested too deeply')
      this.frames.push(frame)
      try {
        await this.execute(own.body)
        return { text: '' }
      } catch (error) {
        if (error instanceof Return) return error.value
        throw error
      } finally {
        this.frames.pop()
        this.forget(frame, borrowed)
      }
    }
    if (!BUILT_IN.has(name)) throw new ProgramError(`cmd. line:1: Call to undefined function`)
    return this.builtIn(name, args)
  }

  /** What a function had for itself is free when it has ended. */
  private forget(frame: ReadonlyMap<string, Cell>, borrowed: ReadonlySet<AwkArray>): void {
    for (const { value, array } of frame.values()) {
      this.memory.add(-sizeOf(value))
      if (array !== undefined && !borrowed.has(array)) array.clear()
    }
  }

  private async builtIn(name: string, args: readonly Expression[]): Promise<Value> {
    const [first, second, third] = args
    const value = async (index: number): Promise<Value> => {
      const argument = args[index]
      return argument === undefined ? { text: '' } : this.evaluate(argument)
    }
    const text = async (index: number) => this.string(await value(index))
    const number = async (index: number) => toNumber(await value(index))
    switch (name) {
      case 'length':
        if (first === undefined) return characterCount(this.record)
        if (
          first.kind === 'variable' &&
          this.cell(first.name).array !== undefined &&
          this.cell(first.name).value === undefined
        )
          return this.array(first.name).size
        return characterCount(await text(0))
      case 'substr': {
        const whole = await text(0)
        // Where it would begin before the text, BusyBox takes the whole length from its beginning on.
        const start = Math.max(0, Math.trunc((await number(1)) - 1))
        const length = third === undefined ? Number.POSITIVE_INFINITY : Math.trunc(await number(2))
        return characterSlice(whole, start, start + Math.max(0, length))
      }
      case 'index':
        return (await text(0)).indexOf(await text(1)) + 1
      case 'split': {
        if (second?.kind !== 'variable') throw new ProgramError('split: not an array')
        const source = await text(0)
        let parts: string[]
        if (third === undefined) parts = this.splitText(source, this.text('FS'))
        else if (third.kind === 'regex')
          parts = source === '' ? [] : source.split(this.regex(third.source))
        else parts = this.splitText(source, await text(2))
        const array = this.array(second.name)
        array.clear()
        for (const [index, part] of parts.entries()) array.set(String(index + 1), { text: part })
        return parts.length
      }
      case 'sub':
      case 'gsub': {
        if (first === undefined) return 0
        const expression = await this.pattern(first)
        const replacement = await text(1)
        const target: Expression = third ?? { kind: 'field', index: { kind: 'number', value: 0 } }
        const before = this.string(await this.evaluate(target))
        const { text: after, count } = await inTurns(
          replaced(before, expression, {
            all: name === 'gsub',
            by: ([whole]) =>
              replacement.replace(/\\\\|\\&|&/g, (mark) => (mark === '&' ? whole : mark.slice(1))),
          }),
          this.context.process,
        )
        if (count > 0) await this.assign(target, after)
        return count
      }
      case 'match': {
        const match = second === undefined ? null : (await this.pattern(second)).exec(await text(0))
        this.set('RSTART', match === null ? 0 : match.index + 1)
        this.set('RLENGTH', match === null ? -1 : match[0].length)
        return match === null ? 0 : match.index + 1
      }
      case 'sprintf': {
        const values: Value[] = []
        for (const argument of args.slice(1)) values.push(await this.evaluate(argument))
        return this.format(await text(0), values)
      }
      case 'sin':
      case 'cos':
      case 'exp':
      case 'log':
      case 'sqrt':
        return Math[name](await number(0))
      case 'atan2':
        return Math.atan2(await number(0), await number(1))
      case 'int':
        return Math.trunc(await number(0))
      case 'rand':
        return this.context.container.random()
      case 'srand': {
        const before = this.seed
        this.seed =
          first === undefined
            ? Math.floor(this.context.container.clock.now() / 1000)
            : await number(0)
        return before
      }
      case 'tolower':
        return (await text(0)).toLowerCase()
      case 'toupper':
        return (await text(0)).toUpperCase()
      case 'system': {
        const child = startChild(this.context, ['/bin/sh', '-c', await text(0)])
        return child === undefined ? 127 : child.exited
      }
      case 'close': {
        return this.streams.close(await text(0))
      }
      case 'fflush':
        return 0
      case 'systime':
        return Math.floor(this.context.container.clock.now() / 1000)
      case 'strftime':
        return formatDate(
          first === undefined ? '%c' : await text(0),
          second === undefined ? this.context.container.clock.now() : (await number(1)) * 1000,
        )
      default: {
        const a = BigInt(Math.trunc(await number(0)))
        const b = BigInt(Math.trunc(await number(1)))
        if (name === 'compl') return Number(BigInt.asUintN(64, ~a))
        const result =
          name === 'and'
            ? a & b
            : name === 'or'
              ? a | b
              : name === 'xor'
                ? a ^ b
                : name === 'lshift'
                  ? a << b
                  : a >> b
        return Number(result)
      }
    }
  }
}
