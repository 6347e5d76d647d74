import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import type { Environment } from '../../platform/environment.ts'
import type { AppModel } from '../../runner/snapshot.ts'

type OpenEditor = (file: {
  readonly name: string
  readonly path: string
}) => Promise<string | undefined>

/** Writes what was copied to a file too, for terminals that do not pass the clipboard on: beside the learner's files, else in the lab's own folder. */
export function writeCopyPort(
  app: AppModel,
  dataFolder: string,
): (text: string) => Promise<string> {
  return async (text) => {
    const { snapshot } = app
    const folder = snapshot.place === 'lesson' ? snapshot.run.workFolder : dataFolder
    await writeFileAtomically(join(folder, 'copied.txt'), text)
    return snapshot.place === 'lesson'
      ? 'copied.txt in your work folder'
      : join(folder, 'copied.txt')
  }
}

/**
 * Opens a file in the learner's own editor, in the terminal that the screen gave free. It runs because the learner pressed a key, never
 * because a lesson said so. Without `$VISUAL` and `$EDITOR` it is what this system usually has; `undefined` where it has none.
 */
export function editorPort(environment: Environment): OpenEditor | undefined {
  const command =
    environment.variables.VISUAL || environment.variables.EDITOR || usualEditor(environment)
  if (command === undefined) return undefined
  // As git does: the variable may hold arguments.
  const [program = '', ...args] = command.split(/\s+/)
  return (file) =>
    new Promise((resolve) => {
      const child = spawn(program, [...args, file.path], { stdio: 'inherit' })
      child.once('error', (error) =>
        resolve(`${program} did not start: ${error.message}. The file is ${file.path}`),
      )
      child.once('exit', (code) =>
        resolve(
          code === 0
            ? `back from ${program}, ${file.name}`
            : `${program} ended with exit code ${code}`,
        ),
      )
    })
}

/** The first usual editor that is installed. */
function usualEditor(environment: Environment): string | undefined {
  const windows = environment.platform === 'win32'
  const folders = (environment.variables.PATH ?? environment.variables.Path ?? '').split(delimiter)
  const names = windows ? ['notepad'] : ['nano', 'vim', 'vi']
  return names.find((name) =>
    folders.some((folder) => existsSync(join(folder, windows ? `${name}.exe` : name))),
  )
}

/** Stops this process as Ctrl-Z does, and resolves when it goes on. */
export function suspendPort(environment: Environment): (() => Promise<void>) | undefined {
  if (environment.platform === 'win32') return undefined
  return () =>
    new Promise((resolve) => {
      process.once('SIGCONT', () => resolve())
      process.kill(process.pid, 'SIGTSTP')
    })
}
