import type { ProgramContext } from '../../process/program.ts'
import { inputs } from '../lines.ts'
import type { DumpRows } from './dump-format.ts'

export interface DumpOptions {
  readonly rows: DumpRows
  readonly skip: number
  readonly length: number
  /** Rows like the one before are shown too, and not as a star. */
  readonly all: boolean
  /** What ends a last row that is not full, in place of blanks. */
  readonly short?: string
  /** Told the address behind the last byte. */
  readonly counted?: (address: number) => void
}

/** Shows the bytes of files, all in a row, as hexdump and xxd do. Gives the exit code. */
export async function dump(
  context: ProgramContext,
  operands: readonly string[],
  options: DumpOptions,
): Promise<number> {
  const { rows, short } = options
  let status = 0
  const missing = () => {
    status = 1
  }
  let held: Uint8Array = new Uint8Array(0)
  let toSkip = options.skip
  let left = options.length
  let address = options.skip
  let previous: Uint8Array | undefined
  let starred = false
  const show = async (row: Uint8Array) => {
    const full = row.length === rows.size
    const again =
      !options.all &&
      previous !== undefined &&
      Buffer.compare(row, previous.subarray(0, row.length)) === 0
    if (again && !starred) await context.stdout.write('*\n')
    starred = again
    if (!again || !full)
      await context.stdout.write(rows.row(row, address, full ? undefined : short))
    previous = row
    address += row.length
  }
  let any = false
  for await (const { input } of inputs(context, operands, missing)) {
    any = true
    for (
      let chunk = await input.read();
      chunk !== undefined && left > 0;
      chunk = await input.read()
    ) {
      let data = chunk.subarray(Math.min(toSkip, chunk.length))
      toSkip -= chunk.length - data.length
      data = data.subarray(0, left)
      left -= data.length
      const whole = held.length === 0 ? data : Buffer.concat([held, data])
      let at = 0
      for (; rows.size > 0 && at + rows.size <= whole.length; at += rows.size) {
        const turn = context.process.breathe()
        if (turn !== undefined) await turn
        await show(whole.subarray(at, at + rows.size))
      }
      held = whole.subarray(at)
      if (rows.size === 0) break
    }
  }
  if (held.length > 0 && rows.size > 0) await show(held)
  if (any && address > 0) await context.stdout.write(rows.end(address))
  options.counted?.(address)
  return status
}
