import { readFile } from 'node:fs/promises'
import { LabError } from '../base/errors.ts'
import { isNodeError } from './node-error.ts'

/**
 * The text of a file that somebody named; `undefined` where there is none.
 *
 * @param refusal what to say where it is there and cannot be read
 * @throws LabError ERR_USAGE
 */
export async function textIfThere(
  path: string,
  refusal: { readonly message: string; readonly next: readonly string[] },
): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined
    if (!isNodeError(error, 'EACCES', 'EISDIR', 'EPERM', 'ENOTDIR')) throw error
    throw new LabError('ERR_USAGE', refusal.message, {
      why: error instanceof Error ? error.message : String(error),
      next: refusal.next,
      cause: error,
    })
  }
}
