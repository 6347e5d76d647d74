import { absolutePath } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import { busyboxProgram, parseOptions, UsageError } from './busybox-program.ts'
import { inputs, linesOf } from './lines.ts'
import { posixRegExp } from './posix-regexp.ts'

/** grep, egrep, fgrep: 0 found, 1 not found, 2 trouble. */
export const grep = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'HhnlLcoqvsrRiwxFEm:A:B:C:e:f:')
  const operands = [...options.operands]
  const patterns = [...options.values('e')]
  if (patterns.length === 0 && !options.has('f')) {
    const pattern = operands.shift()
    if (pattern === undefined) throw new UsageError('')
    patterns.push(pattern)
  }
  for (const file of options.values('f')) {
    const text = context.container.files.readText(
      file.startsWith('/') ? file : `${context.cwd}/${file}`,
    )
    patterns.push(...text.replace(/\n$/, '').split('\n'))
  }
  const [name = 'grep'] = context.argv
  const extended = options.has('E') || name.endsWith('egrep')
  const literal = options.has('F') || name.endsWith('fgrep')
  const expressions = patterns
    .flatMap((pattern) => pattern.split('\n'))
    .map((pattern) =>
      posixRegExp(pattern, {
        extended,
        literal,
        ignoreCase: options.has('i'),
        word: options.has('w'),
        line: options.has('x'),
      }),
    )
  const number = (letter: string) => Number(options.value(letter) ?? options.value('C') ?? '0')
  const after = number('A')
  const before = number('B')
  const limit = options.has('m') ? Number(options.value('m')) : Number.POSITIVE_INFINITY
  const recurse = options.has('r') || options.has('R')
  const named = context.gnu ? operands : operands.filter((name) => !isFolder(context, name))
  const names = recurse ? [...walk(context, operands.length === 0 ? ['.'] : operands)] : named
  const withName = options.has('H') || ((operands.length > 1 || recurse) && !options.has('h'))
  let found = false
  let status = 0
  const missing = () => {
    status = 2
  }
  for await (const source of (recurse || operands.length > 0) && names.length === 0
    ? []
    : inputs(context, names, missing, options.has('s'))) {
    let matches = 0
    let lineNumber = 0
    let trailing = 0
    let lastShown = 0
    const held: { readonly text: string; readonly number: number }[] = []
    const print = async (text: string, at: number, separator: string) => {
      const prefix = `${withName ? `${source.name}${separator}` : ''}${options.has('n') ? `${at}${separator}` : ''}`
      lastShown = at
      await context.stdout.write(`${prefix}${text}\n`)
    }
    for await (const line of linesOf(source.input)) {
      lineNumber++
      const text = line.replace(/\n$/, '')
      const matched = expressions.some((expression) => expression.test(text)) !== options.has('v')
      if (!matched) {
        if (trailing > 0) {
          trailing--
          await print(text, lineNumber, '-')
        } else if (before > 0) {
          held.push({ text, number: lineNumber })
          if (held.length > before) held.shift()
        }
        continue
      }
      matches++
      found = true
      if (options.has('q')) return 0
      if (options.has('l') || options.has('L')) break
      if (!options.has('c')) {
        const first = held[0]?.number ?? lineNumber
        if ((after > 0 || before > 0) && lastShown > 0 && first > lastShown + 1)
          await context.stdout.write('--\n')
        for (const entry of held.splice(0)) await print(entry.text, entry.number, '-')
        if (options.has('o') && !options.has('v')) {
          for (const expression of expressions) {
            for (const match of text.matchAll(
              new BoundedRegExp(expression, `g${expression.flags}`),
            )) {
              if (match[0] !== '') await print(match[0], lineNumber, ':')
            }
          }
        } else await print(text, lineNumber, ':')
        trailing = after
      }
      if (matches >= limit) break
    }
    if (options.has('c'))
      await context.stdout.write(`${withName ? `${source.name}:` : ''}${matches}\n`)
    if (options.has('l') && matches > 0) await context.stdout.write(`${source.name}\n`)
    if (options.has('L') && matches === 0) {
      found = true
      await context.stdout.write(`${source.name}\n`)
    }
  }
  return found && (options.has('q') || status === 0) ? 0 : status !== 0 ? status : 1
}, 2)

/** BusyBox passes over a folder without a word. */
function isFolder(context: ProgramContext, name: string): boolean {
  return name !== '-' && context.container.files.stat(pathOf(context, name))?.kind === 'directory'
}

/** The files in folders, under the names that they are shown by. */
function* walk(context: ProgramContext, names: readonly string[]): Generator<string> {
  const { files } = context.container
  for (const name of names) {
    const path = pathOf(context, name)
    if (files.stat(path)?.kind !== 'directory') {
      yield name
      continue
    }
    for (const entry of files.list(path)) {
      const shown = name === '.' ? entry : `${name.replace(/\/$/, '')}/${entry}`
      const kind = files.lstat(absolutePath(path, entry))?.kind
      // A link is followed only where it is named.
      if (kind !== 'link') yield* walk(context, [shown])
    }
  }
}
