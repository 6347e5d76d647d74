import type { ProgramContext } from '../../process/program.ts'
import { concat, withinMemory } from '../../process/program-context.ts'
import { inputs } from '../lines.ts'

/** The bytes of all files that operands name, one behind the other. */
export async function allBytes(
  context: ProgramContext,
  operands: readonly string[],
): Promise<{ readonly data: Uint8Array; readonly status: number }> {
  const parts: Uint8Array[] = []
  let status = 0
  let held = 0
  const missing = () => {
    status = 1
  }
  for await (const source of inputs(context, operands, missing)) {
    const data = await source.input.readAll()
    held = withinMemory(held + data.length)
    parts.push(data)
  }
  return { data: concat(parts), status }
}
