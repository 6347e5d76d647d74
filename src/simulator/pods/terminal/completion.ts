import { absolutePath } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import type { Completion } from './line-editor.ts'

/** What the word before the caret can become: commands in the place of a command, files elsewhere. */
export function completeWord(
  line: string,
  caret: number,
  scope: {
    readonly files: FileTree
    readonly cwd: string
    readonly path: string
    readonly builtins: readonly string[]
  },
): Completion {
  const before = line.slice(0, caret)
  const start =
    Math.max(
      ...[' ', '\t', ';', '|', '&', '(', '<', '>', '=', '"', "'"].map((char) =>
        before.lastIndexOf(char),
      ),
    ) + 1
  const word = before.slice(start)
  const lead = before.slice(0, start).trimEnd()
  const isCommand = (lead === '' || /[;|&(]$/.test(lead)) && !word.includes('/')
  const words = isCommand ? commands(word, scope) : fileNames(word, scope)
  return { start, words }
}

function commands(
  word: string,
  scope: { readonly files: FileTree; readonly path: string; readonly builtins: readonly string[] },
): string[] {
  const names = new Set(scope.builtins.filter((name) => name.startsWith(word)))
  for (const folder of scope.path.split(':')) {
    if (scope.files.stat(folder)?.kind !== 'directory') continue
    for (const name of scope.files.list(folder)) if (name.startsWith(word)) names.add(name)
  }
  return [...names].sort()
}

function fileNames(
  word: string,
  scope: { readonly files: FileTree; readonly cwd: string },
): string[] {
  const slash = word.lastIndexOf('/') + 1
  const folder = absolutePath(scope.cwd, slash === 0 ? '.' : word.slice(0, slash))
  const prefix = word.slice(slash)
  if (scope.files.stat(folder)?.kind !== 'directory') return []
  return scope.files
    .list(folder)
    .filter((name) => name.startsWith(prefix) && (prefix.startsWith('.') || !name.startsWith('.')))
    .map((name) => {
      const isFolder = scope.files.stat(absolutePath(folder, name))?.kind === 'directory'
      return `${word.slice(0, slash)}${name}${isFolder ? '/' : ''}`
    })
}
