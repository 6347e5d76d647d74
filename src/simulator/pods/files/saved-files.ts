import { type Disk, Inode } from './file-node.ts'

/** What was changed: path to base64, `null` for what was removed. Folders end in `/`, links begin with `link:`. */
export type SavedFiles = Readonly<Record<string, string | null>>

/** Nodes by path as plain text. */
export function savedFiles(nodes: Iterable<readonly [string, Inode | null]>): SavedFiles {
  const changes: Record<string, string | null> = {}
  for (const [path, node] of nodes) {
    if (node === null) changes[path] = null
    else if (node.kind === 'directory') changes[`${path}/`] = ''
    else if (node.kind === 'link') changes[path] = `link:${node.target}`
    else {
      const mode =
        node.mode === 0o644 ? '' : node.mode === 0o755 ? 'x:' : `m${node.mode.toString(8)}:`
      changes[path] = `${mode}${Buffer.from(node.data).toString('base64')}`
    }
  }
  return changes
}

/** The nodes that `savedFiles` wrote down. */
export function* restoredNodes(
  changes: SavedFiles,
  options: { readonly modifiedMs: number; readonly disk?: Disk },
): Generator<readonly [path: string, node: Inode | null]> {
  for (const [key, value] of Object.entries(changes)) {
    const directory = key.endsWith('/')
    const path = directory ? key.slice(0, -1) : key
    if (value === null) {
      yield [path, null]
      continue
    }
    const [, given, rest] = /^(?:(x|m[0-7]+|link):)?([\s\S]*)$/.exec(value) ?? []
    const link = given === 'link'
    yield [
      path,
      new Inode({
        kind: directory ? 'directory' : link ? 'link' : 'file',
        data:
          link || directory
            ? new Uint8Array(0)
            : Uint8Array.from(Buffer.from(rest ?? '', 'base64')),
        target: link ? (rest ?? '') : '',
        mode:
          directory || given === 'x'
            ? 0o755
            : given?.startsWith('m')
              ? Number.parseInt(given.slice(1), 8)
              : link
                ? 0o777
                : 0o644,
        modifiedMs: options.modifiedMs,
        disk: options.disk,
      }),
    ]
  }
}
