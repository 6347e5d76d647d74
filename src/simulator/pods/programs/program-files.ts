import type { BaseNode } from '../files/file-node.ts'
import { absolutePath } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import type { FoundProgram, Program } from '../process/program.ts'
import { PROGRAMS } from './program-table.ts'

/** What an executable of an image begins with; the program's name follows. */
const MAGIC = '\u007fELF netpol-lab '

/** Behind the magic: the program stands for GNU's of its name. */
const GNU = 'gnu '

/** The file of a program, as it lies in an image. `gnu`: it stands for GNU's of that name. */
export function programFile(name: string, options: { readonly gnu?: boolean } = {}): BaseNode {
  const text = `${MAGIC}${options.gnu ? GNU : ''}${name}\n`
  return { kind: 'file', data: new TextEncoder().encode(text), executable: true }
}

function programNamed(text: string): Program | undefined {
  if (!text.startsWith(GNU)) return PROGRAMS.get(text)
  const program = PROGRAMS.get(text.slice(GNU.length))
  return program === undefined ? undefined : (context) => program(context.as({ gnu: true }))
}

/** The program that a command names: a path, else the first match in the folders of `PATH`. */
export function findProgramFile(
  files: FileTree,
  name: string,
  options: { readonly path: string; readonly cwd: string },
): FoundProgram {
  if (name === '') return { kind: 'not-found' }
  const candidates = name.includes('/')
    ? [absolutePath(options.cwd, name)]
    : options.path
        .split(':')
        .map((folder) => absolutePath(options.cwd, `${folder === '' ? '.' : folder}/${name}`))
  let refused = false
  for (const path of candidates) {
    const stat = files.stat(path)
    if (stat === undefined) continue
    if (stat.kind !== 'file' || !stat.executable) {
      refused = refused || name.includes('/') || stat.kind === 'file'
      continue
    }
    const program = programOf(files, path, stat.data(), name.includes('/') ? name : path)
    if (program !== undefined) return { kind: 'program', program }
  }
  return { kind: refused ? 'not-executable' : 'not-found' }
}

/** `shown`: how a script was called, which is its `$0`. */
function programOf(
  files: FileTree,
  path: string,
  data: Uint8Array,
  shown: string,
): Program | undefined {
  const start = new TextDecoder().decode(data.subarray(0, 256))
  if (start.startsWith(MAGIC)) return programNamed(start.slice(MAGIC.length).trim())
  const interpreter = /^#!\s*(\S+)(?:[ \t]+(.*?))?[ \t]*\n/.exec(start)
  // A text without an interpreter line is run by the shell, as execvp does.
  const [command, argument] =
    interpreter === null ? ['/bin/sh', undefined] : [interpreter[1] ?? '', interpreter[2]]
  const runner = files.stat(command)
  if (
    runner?.kind !== 'file' ||
    !runner.executable ||
    files.resolve(command) === files.resolve(path)
  )
    return undefined
  const program = programOf(files, command, runner.data(), command)
  if (program === undefined) return undefined
  return (context) => {
    const [, ...args] = context.argv
    const argv = [command, ...(argument === undefined ? [] : [argument]), shown, ...args]
    return program(context.as({ argv }))
  }
}
