import { FileError } from '../files/file-node.ts'
import type { ProgramContext, ProgramInput } from '../process/program.ts'
import { busyboxProgram, parseOptions } from './busybox-program.ts'
import { inputs, linesOf } from './lines.ts'

/** cat: streams what comes as it comes. */
export const cat = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'nbvteAusET')
  const ends = ['e', 'A', 'E'].some((letter) => options.has(letter))
  const tabs = ['t', 'A', 'T'].some((letter) => options.has(letter))
  const visible = ends || tabs || options.has('v')
  const numbered = options.has('n') || options.has('b')
  let status = 0
  let number = 0
  const missing = () => {
    status = 1
  }
  for await (const { input } of inputs(context, options.operands, missing)) {
    if (visible) {
      for (;;) {
        const chunk = await readOrReport(context, input)
        if (chunk === 'failed') status = 1
        if (chunk === undefined || chunk === 'failed') break
        await context.stdout.write(shownBytes(chunk, { ends, tabs }))
      }
      continue
    }
    if (numbered) {
      for await (const line of linesOf(input)) {
        const shown =
          options.has('b') && line === '\n' ? line : `${String(++number).padStart(6)}\t${line}`
        await context.stdout.write(shown)
      }
      continue
    }
    for (;;) {
      const chunk = await readOrReport(context, input)
      if (chunk === 'failed') status = 1
      if (chunk === undefined || chunk === 'failed') break
      await context.stdout.write(chunk)
    }
  }
  return status
})

/** Control characters as `^X`, bytes above 127 as `M-x`. */
function shownBytes(
  data: Uint8Array,
  options: { readonly ends: boolean; readonly tabs: boolean },
): string {
  let text = ''
  for (const byte of data) {
    const low = byte & 0x7f
    if (byte === 10) text += options.ends ? '$\n' : '\n'
    else if (byte === 9 && !options.tabs) text += '\t'
    else {
      if (byte > 127) text += 'M-'
      text +=
        low < 32
          ? `^${String.fromCharCode(low + 64)}`
          : low === 127
            ? '^?'
            : String.fromCharCode(low)
    }
  }
  return text
}

async function readOrReport(context: ProgramContext, input: ProgramInput) {
  try {
    return await input.read()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    await context.stderr.write(`cat: read error: ${error.message}\n`)
    return 'failed' as const
  }
}
