import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/**
 * The built program that is tested: `dist/netpol-lab.js`, or what `NETPOL_LAB_TEST_PROGRAM` names.
 *
 * @throws Error in one line where it is not there
 */
export function programPath(): string {
  const path = resolve(ROOT, process.env.NETPOL_LAB_TEST_PROGRAM || 'dist/netpol-lab.js')
  if (!existsSync(path)) throw new Error(`There is no ${path}: build it with npm run build.`)
  return path
}

/** The command that runs the program with these arguments. */
export function programCommand(...args: readonly string[]): readonly string[] {
  return [process.execPath, programPath(), ...args]
}

/** Folder of the first lesson, and of its solutions and wrong answers. */
export const LESSON_FOLDER = join(ROOT, 'lessons/08-deny-egress')
