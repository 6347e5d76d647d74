import type { MountedFolder } from '../../ports.ts'
import type { ComputedFiles } from './file-tree.ts'

/** The files of volumes over those of the kubelet and the kernel. */
export function withMounts(below: ComputedFiles, mounts: readonly MountedFolder[]): ComputedFiles {
  return mounts.every(({ files }) => files.size === 0) ? below : new MountedFiles(below, mounts)
}

class MountedFiles implements ComputedFiles {
  private readonly below: ComputedFiles
  private readonly mounts: readonly MountedFolder[]

  constructor(below: ComputedFiles, mounts: readonly MountedFolder[]) {
    this.below = below
    this.mounts = mounts
  }

  get(path: string): (() => string) | undefined {
    // Of two mounts at one path the later one is above.
    for (let at = this.mounts.length - 1; at >= 0; at--) {
      const mount = this.mounts[at]
      const read = mount?.files.get(pathIn(mount, path) ?? NOWHERE)
      if (read !== undefined) return read
    }
    return this.below.get(path)
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  *keys(): Iterable<string> {
    yield* this.below.keys()
    for (const { path, files } of this.mounts) {
      for (const file of files.keys()) yield file === '' ? path : `${path}/${file}`
    }
  }
}

/** No file of a volume has such a path. */
const NOWHERE = '/'

/** The path below a mount's folder, `''` for the mount itself; `undefined` elsewhere. */
function pathIn(mount: MountedFolder, path: string): string | undefined {
  if (path === mount.path) return ''
  return path.startsWith(`${mount.path}/`) ? path.slice(mount.path.length + 1) : undefined
}
