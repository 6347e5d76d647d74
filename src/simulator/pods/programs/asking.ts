import type { ProgramContext } from '../process/program.ts'

/** Asks on standard error and reads a line: `true` where it begins with `y`. */
export async function confirmed(context: ProgramContext, question: string): Promise<boolean> {
  await context.stderr.write(question)
  return /^\s*y/i.test((await context.stdin.readLine()) ?? '')
}
