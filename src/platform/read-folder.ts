import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isNodeError } from './node-error.ts'

const MAX_BYTES = 1_000_000
const MAX_DEPTH = 3

/**
 * The text files of a folder by name relative to it, with `/` between the parts. Links are left out, so nothing from outside
 * the folder is read; so are hidden files and files over 1 MB.
 */
export async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const visit = async (prefix: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, prefix), { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`
      if (entry.isDirectory() && depth < MAX_DEPTH) await visit(name, depth + 1)
      if (!entry.isFile()) continue
      const path = join(folder, name)
      if ((await stat(path)).size <= MAX_BYTES) texts.set(name, await readFile(path, 'utf8'))
    }
  }
  await visit('', 0)
  return texts
}

/** Names of the folders in a folder, sorted; none where it does not exist. */
export async function listFolders(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return []
    throw error
  }
}

/** The text of one file; `undefined` where there is none. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'EISDIR')) return undefined
    throw error
  }
}
