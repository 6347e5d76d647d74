import { lstat, mkdir, readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { LabError } from '../base/errors.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { isNodeError } from './node-error.ts'

/** One folder on disk that nothing leads out of; what `shell/work-folder.ts` asks for. */
export interface FolderOnDisk {
  readonly path: string
  read(name: string): Promise<string | undefined>
  write(name: string, text: string): Promise<void>
  list(
    name: string,
  ): Promise<readonly { readonly name: string; readonly kind: 'file' | 'folder' }[] | undefined>
}

/** Names that Windows gives to devices, whatever their extension and wherever they stand. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i

/**
 * The work folder on disk, made it where it is missing. Names are relative with `/`; the same names are refused on every system,
 * so that a lesson that works on one works on all.
 *
 * Every method rejects with `LabError` `ERR_FILE_OUTSIDE` for a name that leads out of the folder, through a link too.
 */
export async function createWorkFolder(path: string): Promise<FolderOnDisk> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const root = await realpath(path)

  /** The path of a name; what exists of it lies inside, whatever links it goes through. */
  const resolve = async (name: string): Promise<string> => {
    const target = join(root, ...partsOf(name))
    let existing = target
    for (;;) {
      try {
        const real = await realpath(existing)
        if (!isInside(root, real)) throw outside(name, 'A link there leads out of the folder.')
        return target
      } catch (error) {
        if (!isNodeError(error, 'ENOENT', 'ENOTDIR')) throw error
        // A link to nothing could be written through.
        if (await isLink(existing)) throw outside(name, 'It is a link that leads nowhere.')
        if (existing === root) throw error
        existing = dirname(existing)
      }
    }
  }

  return {
    path: root,
    async read(name) {
      const target = await resolve(name)
      try {
        if (!(await lstat(await realpath(target))).isFile()) return undefined
        return await readFile(target, 'utf8')
      } catch (error) {
        if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return undefined
        throw error
      }
    },
    async write(name, text) {
      if (partsOf(name).length === 0) throw outside(name, 'It names the folder itself.')
      await writeFileAtomically(await resolve(name), text)
    },
    async list(name) {
      try {
        const entries = await readdir(await resolve(name), { withFileTypes: true })
        return entries
          .filter((entry) => entry.isFile() || entry.isDirectory())
          .map((entry) => ({
            name: entry.name,
            kind: entry.isDirectory() ? ('folder' as const) : ('file' as const),
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
      } catch (error) {
        if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return undefined
        throw error
      }
    },
  }
}

/** The parts of a relative name, `.` and doubled slashes dropped. @throws LabError for names that no work folder has */
function partsOf(name: string): readonly string[] {
  if (name.startsWith('/') || name.startsWith('~')) throw outside(name, 'It starts elsewhere.')
  if (name.includes('\\')) throw outside(name, 'Write / between folders.')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  for (const part of parts) {
    if (part === '..') throw outside(name, 'It goes up with .. .')
    if (/[:\u0000-\u001f]/.test(part) || /[. ]$/.test(part) || WINDOWS_DEVICE.test(part)) {
      throw outside(name, 'Some systems read that name as a device, a drive or another file.')
    }
  }
  return parts
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

function outside(name: string, why: string): LabError {
  return new LabError('ERR_FILE_OUTSIDE', `${name} is not a file of your work folder`, {
    why,
    next: ['Name a file inside the work folder, as in deny.yaml or policies/deny.yaml.'],
  })
}
