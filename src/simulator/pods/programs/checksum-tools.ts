import { createHash } from 'node:crypto'
import { FileError } from '../files/file-node.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { inputFrom, pathOf } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import { busyboxProgram, calledAs, ProgramError, parseOptions } from './busybox-program.ts'

async function digest(
  context: ProgramContext,
  algorithm: string,
  name: string,
): Promise<string | undefined> {
  const hash = createHash(algorithm)
  try {
    const file =
      name === '-'
        ? undefined
        : openTreeFile(context.container.files, pathOf(context, name), 'read')
    const input =
      file === undefined ? context.stdin : inputFrom(file, context.signal, context.process)
    try {
      for (;;) {
        const chunk = await input.read()
        if (chunk === undefined) return hash.digest('hex')
        hash.update(chunk)
      }
    } finally {
      file?.release()
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const what = error.code === 'EISDIR' ? 'read error' : `can't open '${name}'`
    await context.stderr.write(`${calledAs(context)}: ${what}: ${error.message}\n`)
    return undefined
  }
}

/** md5sum and its kin: prints digests, or checks them with -c. */
function checksum(algorithm: string): Program {
  return busyboxProgram(async (context, args) => {
    const options = parseOptions(args, 'cswb')
    const names = options.operands.length === 0 ? ['-'] : options.operands
    let status = 0
    if (!options.has('c')) {
      if (options.has('s') || options.has('w'))
        throw new ProgramError('-s and -w are meaningful only with -c')
      for (const name of names) {
        const sum = await digest(context, algorithm, name)
        if (sum === undefined) status = 1
        else await context.stdout.write(`${sum}  ${name}\n`)
      }
      return status
    }
    for (const name of names) {
      let text: string
      try {
        text =
          name === '-'
            ? new TextDecoder().decode(await context.stdin.readAll())
            : context.container.files.readText(pathOf(context, name))
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        throw new ProgramError(`${name}: ${error.message}`)
      }
      let failed = 0
      let checked = 0
      for (const line of text.split('\n').filter((each) => each !== '')) {
        const match = /^([0-9a-fA-F]+) [ *](.*)$/.exec(line)
        if (match?.[1] === undefined || match[2] === undefined) {
          if (options.has('w')) await context.stderr.write(`${calledAs(context)}: invalid format\n`)
          continue
        }
        checked++
        const ok = (await digest(context, algorithm, match[2])) === match[1].toLowerCase()
        if (!ok) failed++
        if (!options.has('s')) await context.stdout.write(`${match[2]}: ${ok ? 'OK' : 'FAILED'}\n`)
      }
      if (checked === 0) throw new ProgramError(`'${name}': no checksum lines found`)
      if (failed > 0) {
        status = 1
        if (!options.has('s'))
          await context.stderr.write(
            `${calledAs(context)}: WARNING: ${failed} of ${checked} computed checksums did NOT match\n`,
          )
      }
    }
    return status
  })
}

/** The programs that print digests of files. */
export const checksumTools = {
  md5sum: checksum('md5'),
  sha1sum: checksum('sha1'),
  sha256sum: checksum('sha256'),
  sha512sum: checksum('sha512'),
}

/** All of the inputs that operands name, with what cannot be opened reported. */
export async function wholeInput(
  context: ProgramContext,
  name: string,
): Promise<Uint8Array | undefined> {
  if (name === '-') return context.stdin.readAll()
  try {
    const file = openTreeFile(context.container.files, pathOf(context, name), 'read')
    try {
      return await inputFrom(file, context.signal, context.process).readAll()
    } finally {
      file.release()
    }
  } catch (error) {
    if (!(error instanceof FileError) || error.code === 'ENOMEM') throw error
    await context.stderr.write(`${calledAs(context)}: ${name}: ${error.message}\n`)
    return undefined
  }
}
