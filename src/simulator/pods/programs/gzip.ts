import { promisify } from 'node:util'
import { gunzip as nodeGunzip, gzip as nodeGzip } from 'node:zlib'
import { FileError } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { MOST_HELD, pathOf } from '../process/program-context.ts'
import { busyboxProgram, calledAs, ProgramError, parseOptions } from './busybox-program.ts'
import { openProblem, openToRead } from './lines.ts'

const compress = promisify(nodeGzip)
const expand = promisify(nodeGunzip)

/** What stands at the beginning of everything that gzip wrote. */
export function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b
}

/** Computed beside the one thread that all programs share. */
export async function gzipped(data: Uint8Array, level = 6): Promise<Uint8Array> {
  return compress(data, { level })
}

/** Throws `ProgramError` for what is not gzip's, or was cut off, and `FileError` (ENOMEM) for what grows too big. */
export async function gunzipped(data: Uint8Array): Promise<Uint8Array> {
  if (!isGzip(data)) throw new ProgramError('invalid magic')
  try {
    return await expand(data, { maxOutputLength: MOST_HELD })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new FileError('ENOMEM', '')
    throw new ProgramError('corrupted data')
  }
}

/** gzip, gunzip and zcat: each file becomes another one with or without `.gz`, or goes to standard output. */
const gzip = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'cfkdtqvn123456789')
  const name = calledAs(context)
  const expands = name !== 'gzip' || options.has('d') || options.has('t')
  const toOutput = name === 'zcat' || options.has('c') || options.operands.length === 0
  const level = Number([...'987654321'].find((digit) => options.has(digit)) ?? 6)
  const convert = (data: Uint8Array) => (expands ? gunzipped(data) : gzipped(data, level))
  let status = 0
  for (const operand of options.operands.length === 0 ? ['-'] : options.operands) {
    try {
      await one(context, operand, {
        convert,
        expands,
        toOutput: toOutput || operand === '-',
        tests: options.has('t'),
        force: options.has('f'),
        keep: options.has('k'),
      })
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error
      await context.stderr.write(`${name}: ${error.message}\n`)
      status = 1
    }
  }
  return status
})

async function one(
  context: ProgramContext,
  name: string,
  how: {
    readonly convert: (data: Uint8Array) => Promise<Uint8Array>
    readonly expands: boolean
    readonly toOutput: boolean
    readonly tests: boolean
    readonly force: boolean
    readonly keep: boolean
  },
): Promise<void> {
  const { files } = context.container
  if (name === '-') {
    if (!how.expands && context.stdout.terminal !== undefined && !how.force)
      throw new ProgramError('compressed data not written to terminal, use -f to force it')
    const data = await how.convert(await context.stdin.readAll())
    if (!how.tests) await context.stdout.write(data)
    return
  }
  const input = openToRead(context, name)
  if (input instanceof FileError)
    throw new ProgramError(openProblem(calledAs(context), name, input))
  input.release()
  const target = how.expands ? name.replace(/\.(?:gz|tgz)$/, '') : `${name}.gz`
  if (how.expands && target === name && !how.toOutput && !how.tests)
    throw new ProgramError(`${name}: unknown suffix - ignored`)
  const data = await how.convert(files.read(pathOf(context, name)))
  if (how.tests) return
  if (how.toOutput) {
    await context.stdout.write(data)
    return
  }
  const shown = name.endsWith('.tgz') && how.expands ? `${target}.tar` : target
  const path = pathOf(context, shown)
  if (files.lstat(path) !== undefined && !how.force)
    throw new ProgramError(`can't open '${shown}': File exists`)
  files.write(path, data)
  files.setMode(path, files.stat(pathOf(context, name))?.mode ?? 0o644)
  if (!how.keep) files.remove(pathOf(context, name))
}

/** The programs of gzip. */
export const gzipTools = { gzip, gunzip: gzip, zcat: gzip }
