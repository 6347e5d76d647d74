import { absolutePath } from '../files/file-node.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'
import { startChild } from './start-child.ts'

const env = busyboxProgram(
  `env [-iu0] [-] [name=value]... [PROG ARGS]

Print current environment or run PROG after setting up environment

	-, -i	Start with empty environment
	-0	NUL terminated output
	-u	Remove variable from environment`,
  async (context, args) => {
    const options = parseOptions(args, '+i0u:')
    const operands = [...options.operands]
    const variables = new Map(options.has('i') || operands[0] === '-' ? [] : context.env)
    if (operands[0] === '-') operands.shift()
    for (const name of options.values('u')) variables.delete(name)
    while (operands[0]?.includes('=')) {
      const [name = '', ...value] = (operands.shift() ?? '').split('=')
      variables.set(name, value.join('='))
    }
    if (operands.length === 0) {
      for (const [name, value] of variables)
        await context.stdout.write(`${name}=${value}${options.has('0') ? '\0' : '\n'}`)
      return 0
    }
    const child = startChild(context, operands, { env: variables })
    if (child === undefined)
      throw new ProgramError(`can't execute '${operands[0]}': No such file or directory`, 127)
    return child.exited
  },
)

const printenv = busyboxProgram(
  `printenv [VARIABLE]...

Print environment VARIABLEs.
If no VARIABLE specified, print all.`,
  async (context, args) => {
    if (args.length === 0) {
      for (const [name, value] of context.env) await context.stdout.write(`${name}=${value}\n`)
      return 0
    }
    let status = 0
    for (const name of args) {
      const value = context.env.get(name)
      if (value === undefined) status = 1
      else await context.stdout.write(`${value}\n`)
    }
    return status
  },
)

const which = busyboxProgram(
  `which [-a] COMMAND...

Locate COMMAND`,
  async (context, args) => {
    const options = parseOptions(args, 'a')
    const { files } = context.container
    let status = 0
    for (const name of options.operands) {
      const candidates = name.includes('/')
        ? [name]
        : (context.env.get('PATH') ?? '').split(':').map((folder) => `${folder}/${name}`)
      const found = candidates.filter((path) => {
        const stat = files.stat(absolutePath(context.cwd, path))
        return stat?.kind === 'file' && stat.executable
      })
      if (found.length === 0) status = 1
      for (const path of options.has('a') ? found : found.slice(0, 1))
        await context.stdout.write(`${path}\n`)
    }
    return status
  },
)

const basename = busyboxProgram(
  'basename FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...',
  async (context, args) => {
    const [path, suffix] = args
    if (path === undefined) throw new UsageError('')
    const bare = path.replace(/\/+$/, '')
    const name = bare.slice(bare.lastIndexOf('/') + 1) || '/'
    const cutOff = suffix !== undefined && name !== suffix && name.endsWith(suffix)
    await context.stdout.write(`${cutOff ? name.slice(0, -(suffix?.length ?? 0)) : name}\n`)
    return 0
  },
)

const dirname = busyboxProgram('dirname FILENAME', async (context, args) => {
  const [path] = args
  if (path === undefined) throw new UsageError('')
  const bare = path.replace(/\/+$/, '')
  const at = bare.lastIndexOf('/')
  await context.stdout.write(`${at === -1 ? '.' : at === 0 ? '/' : bare.slice(0, at)}\n`)
  return 0
})

const pwd = busyboxProgram(
  'pwd\n\nPrint the full filename of the current working directory',
  async (context) => {
    await context.stdout.write(`${context.cwd}\n`)
    return 0
  },
)

const expr = busyboxProgram('expr EXPRESSION', async (context, args) => {
  const [left = '', operator, right = ''] = args
  const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
  const a = Number(left)
  const b = Number(right)
  const truth = (value: boolean) => (value ? '1' : '0')
  let result: string
  switch (operator) {
    case undefined:
      result = left
      break
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      if (!numbers) throw new ProgramError('non-numeric argument', 2)
      if (b === 0 && (operator === '/' || operator === '%'))
        throw new ProgramError('division by zero', 2)
      result = String(
        operator === '+'
          ? a + b
          : operator === '-'
            ? a - b
            : operator === '*'
              ? a * b
              : operator === '/'
                ? Math.trunc(a / b)
                : a % b,
      )
      break
    case '=':
    case '==':
      result = truth(left === right)
      break
    case '!=':
      result = truth(left !== right)
      break
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const difference = numbers ? a - b : left < right ? -1 : left > right ? 1 : 0
      result = truth(
        operator === '<'
          ? difference < 0
          : operator === '<='
            ? difference <= 0
            : operator === '>'
              ? difference > 0
              : difference >= 0,
      )
      break
    }
    default:
      throw new ProgramError('syntax error', 2)
  }
  await context.stdout.write(`${result}\n`)
  return result === '' || result === '0' ? 1 : 0
})

/** The programs about the environment, names of files and small sums. */
export const environmentTools = { env, printenv, which, basename, dirname, pwd, expr }
