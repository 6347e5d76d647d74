import { busyboxProgram, ProgramError, parseOptions } from '../busybox-program.ts'
import { allBytes } from './bytes.ts'

/**
 * As BusyBox reads it: what is no character of base64 is passed over, and each `=` ends a text that another may follow. `whole`: the
 * last one was not cut off.
 */
function decodeBase64(text: string): { readonly bytes: Uint8Array; readonly whole: boolean } {
  const bytes: number[] = []
  let quad = ''
  for (const char of text) {
    if (!/[A-Za-z0-9+/=]/.test(char) || (char === '=' && quad.length < 2)) continue
    quad += char
    if (quad.length < 4) continue
    bytes.push(...Buffer.from(quad, 'base64'))
    quad = ''
  }
  return { bytes: Uint8Array.from(bytes), whole: quad === '' }
}

/** base64: as text, and back with -d. */
export const base64 = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'dw:')
  const read = await allBytes(context, options.operands.slice(0, 1))
  if (options.has('d')) {
    const { bytes, whole } = decodeBase64(new TextDecoder('latin1').decode(read.data))
    await context.stdout.write(bytes)
    if (!whole) throw new ProgramError('truncated input')
    return read.status
  }
  if (read.status !== 0) return read.status
  const width = Number(options.value('w') ?? '76')
  const text = Buffer.from(read.data).toString('base64')
  const wrapped = width === 0 ? text : text.replace(new RegExp(`(.{${width}})`, 'g'), '$1\n')
  await context.stdout.write(width === 0 || wrapped.endsWith('\n') ? wrapped : `${wrapped}\n`)
  return read.status
})
