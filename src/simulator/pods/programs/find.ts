import { absolutePath, FileError, type FileStat } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { matchesPattern } from '../shell/pattern.ts'
import { BoundedRegExp } from './bounded-regexp.ts'
import { busyboxProgram, calledAs, ProgramError, UsageError } from './busybox-program.ts'
import { kindLetter } from './ls.ts'
import { startChild } from './start-child.ts'

interface Found {
  /** As it is printed. */
  readonly name: string
  readonly path: string
  readonly stat: FileStat
  readonly depth: number
}

type Test = (found: Found) => boolean | Promise<boolean>

interface Walk {
  minDepth: number
  maxDepth: number
  depthFirst: boolean
  follow: boolean
  prune: boolean
  quit: boolean
  /** What `-exec … +` collected. */
  readonly collected: { readonly argv: readonly string[]; readonly names: string[] }[]
}

/** find: walks folders, tests, and prints or runs programs. */
export const find = busyboxProgram(async (context, args) => {
  const rest = [...args]
  const walk: Walk = {
    minDepth: 0,
    maxDepth: Number.POSITIVE_INFINITY,
    depthFirst: false,
    follow: false,
    prune: false,
    quit: false,
    collected: [],
  }
  while (rest[0] === '-L' || rest[0] === '-H') walk.follow = rest.shift() === '-L'
  const starts: string[] = []
  while (rest[0] !== undefined && !/^(?:-.|[!()])/.test(rest[0])) starts.push(rest.shift() ?? '')
  const test = new ExpressionParser(context, rest, walk).parse()
  let status = 0
  const visit = async (found: Found): Promise<void> => {
    if (walk.quit) return
    const { files } = context.container
    walk.prune = false
    const inRange = found.depth >= walk.minDepth && found.depth <= walk.maxDepth
    if (!walk.depthFirst && inRange) await test(found)
    if (found.stat.kind === 'directory' && !walk.prune && found.depth < walk.maxDepth) {
      for (const name of files.list(found.path)) {
        const path = absolutePath(found.path, name)
        const stat = walk.follow ? (files.stat(path) ?? files.lstat(path)) : files.lstat(path)
        if (stat === undefined) continue
        const shown = found.name.endsWith('/') ? found.name + name : `${found.name}/${name}`
        await visit({ name: shown, path, stat, depth: found.depth + 1 })
      }
    }
    if (walk.depthFirst && inRange && !walk.quit) await test(found)
  }
  for (const name of starts.length === 0 ? ['.'] : starts) {
    const path = pathOf(context, name)
    const stat = context.container.files.lstat(path)
    if (stat === undefined) {
      await context.stderr.write(`find: ${name}: No such file or directory\n`)
      status = 1
    } else await visit({ name, path, stat, depth: 0 })
  }
  for (const { argv, names } of walk.collected) {
    if (names.length === 0) continue
    const child = startChild(
      context,
      argv.flatMap((word) => (word === '{}' ? names : [word])),
    )
    if (child === undefined) {
      await context.stderr.write(`find: ${argv[0]}: No such file or directory\n`)
      status = 1
    } else if ((await child.exited) !== 0) status = 1
  }
  return status
})

/** Reads tests, operators and actions; gives one test of all. */
class ExpressionParser {
  private readonly context: ProgramContext
  private readonly words: string[]
  private readonly walk: Walk
  private acts = false

  constructor(context: ProgramContext, words: string[], walk: Walk) {
    this.context = context
    this.words = words
    this.walk = walk
  }

  parse(): Test {
    const test = this.words.length === 0 ? () => true : this.or()
    if (this.words.length > 0) throw new ProgramError(`bad arg '${this.words[0]}'`)
    if (this.acts) return test
    return async (found) => (await test(found)) && (await this.print(found, '\n'))
  }

  private or(): Test {
    let left = this.and()
    while (this.words[0] === '-o' || this.words[0] === '-or') {
      this.words.shift()
      const [one, two] = [left, this.and()]
      left = async (found) => (await one(found)) || (await two(found))
    }
    return left
  }

  private and(): Test {
    let left = this.not()
    for (;;) {
      const word = this.words[0]
      if (word === undefined || word === '-o' || word === '-or' || word === ')') return left
      if (word === '-a' || word === '-and') this.words.shift()
      const [one, two] = [left, this.not()]
      left = async (found) => (await one(found)) && (await two(found))
    }
  }

  private not(): Test {
    if (this.words[0] === '!' || this.words[0] === '-not') {
      this.words.shift()
      const inner = this.not()
      return async (found) => !(await inner(found))
    }
    if (this.words[0] !== '(') return this.primary()
    this.words.shift()
    const inner = this.or()
    if (this.words.shift() !== ')') throw new ProgramError("unpaired '('")
    return inner
  }

  private argument(option: string): string {
    const value = this.words.shift()
    if (value === undefined) throw new ProgramError(`${option} requires an argument`)
    return value
  }

  private primary(): Test {
    const option = this.words.shift() ?? ''
    const { files, clock } = this.context.container
    switch (option) {
      case '-maxdepth':
        this.walk.maxDepth = Number(this.argument(option))
        return () => true
      case '-mindepth':
        this.walk.minDepth = Number(this.argument(option))
        return () => true
      case '-depth':
        this.walk.depthFirst = true
        return () => true
      case '-follow':
        this.walk.follow = true
        return () => true
      case '-xdev':
      case '-mount':
      case '-noleaf':
      case '-true':
        return () => true
      case '-false':
        return () => false
      case '-print':
        this.acts = true
        return (found) => this.print(found, '\n')
      case '-print0':
        this.acts = true
        return (found) => this.print(found, '\0')
      case '-delete':
        this.acts = true
        this.walk.depthFirst = true
        return (found) => this.remove(found)
      case '-prune':
        return () => {
          this.walk.prune = true
          return true
        }
      case '-quit':
        this.acts = true
        return () => {
          this.walk.quit = true
          return true
        }
      case '-exec':
      case '-ok':
        return this.exec()
      case '-name':
      case '-iname': {
        const pattern = this.argument(option)
        return ({ name }) =>
          matches(
            pattern,
            name.replace(/\/+$/, '').replace(/^.*\//, '') || '/',
            option === '-iname',
          )
      }
      case '-path':
      case '-ipath':
      case '-wholename': {
        const pattern = this.argument(option)
        return ({ name }) => matches(pattern, name, option === '-ipath')
      }
      case '-regex': {
        const expression = new BoundedRegExp(`^(?:${this.argument(option)})$`)
        return ({ name }) => expression.test(name)
      }
      case '-type': {
        const letters = this.argument(option)
        if (!/^[fdlbcsp]$/.test(letters))
          throw new UsageError(`invalid argument '${letters}' to '-type'`)
        return ({ path, stat }) => kindLetter(path, stat).replace('-', 'f') === letters
      }
      case '-perm': {
        const text = this.argument(option)
        const bits = Number.parseInt(text.replace(/^[-+/]/, ''), 8)
        if (Number.isNaN(bits)) throw new ProgramError(`invalid mode '${text}'`)
        return ({ stat: { mode } }) =>
          text.startsWith('-')
            ? (mode & bits) === bits
            : /^[+/]/.test(text)
              ? (mode & bits) !== 0
              : mode === bits
      }
      case '-executable':
        return ({ stat }) => (stat.mode & 0o111) !== 0
      case '-mtime':
      case '-atime':
      case '-ctime':
        return compared(this.argument(option), ({ stat }) =>
          Math.floor((clock.now() - stat.modifiedMs) / 86_400_000),
        )
      case '-mmin':
      case '-amin':
      case '-cmin':
        return compared(this.argument(option), ({ stat }) =>
          Math.floor((clock.now() - stat.modifiedMs) / 60_000),
        )
      case '-newer': {
        const name = this.argument(option)
        const other = files.stat(pathOf(this.context, name))
        if (other === undefined)
          throw new ProgramError(`can't stat '${name}': No such file or directory`)
        return ({ stat }) => stat.modifiedMs > other.modifiedMs
      }
      case '-size': {
        const text = this.argument(option)
        const [, sign = '', digits = '', unit = 'b'] = /^([-+]?)(\d+)([bck]?)$/.exec(text) ?? []
        if (digits === '') throw new ProgramError(`invalid number '${text}'`)
        const size = { b: 512, c: 1, k: 1024 }[unit || 'b'] ?? 512
        return compared(sign + digits, ({ stat }) => Math.ceil(stat.size / size))
      }
      case '-links':
        return compared(this.argument(option), ({ stat }) => stat.links)
      case '-inum':
        this.argument(option)
        return () => false
      case '-empty':
        return ({ path, stat }) =>
          stat.kind === 'directory' ? files.list(path).length === 0 : stat.size === 0
      case '-user':
      case '-group': {
        const name = this.argument(option)
        return () => name === 'root' || name === '0'
      }
      case '-samefile': {
        const other = files.resolve(pathOf(this.context, this.argument(option)))
        return ({ path }) => files.resolve(path) === other
      }
      default:
        throw new UsageError(`unrecognized: ${option}`)
    }
  }

  private exec(): Test {
    this.acts = true
    const argv: string[] = []
    for (;;) {
      const word = this.words.shift()
      if (word === undefined) throw new ProgramError("-exec CMD must end by ';'")
      if (word === ';') break
      if (word === '+' && argv.at(-1) === '{}') {
        const collected = { argv, names: [] as string[] }
        this.walk.collected.push(collected)
        return ({ name }) => {
          collected.names.push(name)
          return true
        }
      }
      argv.push(word)
    }
    return async ({ name }) => {
      const child = startChild(
        this.context,
        argv.map((word) => word.replaceAll('{}', name)),
      )
      if (child !== undefined) return (await child.exited) === 0
      await this.context.stderr.write(`find: ${argv[0]}: No such file or directory\n`)
      return false
    }
  }

  private async print(found: Found, end: string): Promise<boolean> {
    await this.context.stdout.write(found.name + end)
    return true
  }

  private async remove(found: Found): Promise<boolean> {
    try {
      if (found.depth > 0 || found.name !== '.') this.context.container.files.remove(found.path)
      return true
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await this.context.stderr.write(
        `${calledAs(this.context)}: ${found.name}: ${error.message}\n`,
      )
      return false
    }
  }
}

function matches(pattern: string, text: string, ignoreCase: boolean): boolean {
  const [glob, name] = ignoreCase ? [pattern.toLowerCase(), text.toLowerCase()] : [pattern, text]
  return matchesPattern([{ text: glob, quoted: false }], name)
}

/** `+N`, `-N` or `N` against a number of the file. Throws `ProgramError`. */
function compared(text: string, value: (found: Found) => number): Test {
  const match = /^([-+]?)(\d+)$/.exec(text)
  if (match === null) throw new ProgramError(`invalid number '${text}'`)
  const wanted = Number(match[2])
  return (found) => {
    const actual = value(found)
    return match[1] === '+'
      ? actual > wanted
      : match[1] === '-'
        ? actual < wanted
        : actual === wanted
  }
}
