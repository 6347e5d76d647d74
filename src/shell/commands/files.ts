import { LabError } from '../../base/errors.ts'
import type { LabCommand } from './lab-command.ts'

/** `cat FILE…`: files of the work folder; without a file, or with `-`, the here-document. */
export const catCommand: LabCommand = {
  name: 'cat',
  summary: 'Print files of your work folder',
  usage: ['cat FILE...'],
  words: 'files',
  async run(call, args) {
    let failed = false
    for (const name of args.length === 0 ? ['-'] : args) {
      if (name === '-') {
        for await (const chunk of call.streams.stdin ?? []) call.streams.stdout(chunk)
        continue
      }
      try {
        const text = await call.folder.read(name)
        if (text !== undefined) call.out(text)
        else {
          const isFolder = (await call.folder.list(name)) !== undefined
          call.err(`cat: ${name}: ${isFolder ? 'Is a directory' : 'No such file or directory'}\n`)
          failed = true
        }
      } catch (error) {
        call.err(refusal('cat', name, error))
        failed = true
      }
    }
    return failed ? 1 : 0
  },
}

/** `ls [FOLDER]`. */
export const lsCommand: LabCommand = {
  name: 'ls',
  summary: 'List the files of your work folder',
  usage: ['ls [FOLDER]'],
  words: 'files',
  async run(call, args) {
    const names = args.filter((arg) => !arg.startsWith('-'))
    let failed = false
    for (const name of names.length === 0 ? ['.'] : names) {
      try {
        const entries = await call.folder.list(name)
        if (entries !== undefined) {
          call.out(
            entries.map((entry) => `${entry.name}${entry.kind === 'folder' ? '/' : ''}\n`).join(''),
          )
        } else if ((await call.folder.read(name)) !== undefined) call.out(`${name}\n`)
        else {
          call.err(`ls: ${name}: No such file or directory\n`)
          failed = true
        }
      } catch (error) {
        call.err(refusal('ls', name, error))
        failed = true
      }
    }
    return failed ? 1 : 0
  },
}

/** `pwd`: where the work folder is on the computer, so that an editor can open its files. */
export const pwdCommand: LabCommand = {
  name: 'pwd',
  summary: 'Say where your work folder is',
  usage: ['pwd'],
  words: 'none',
  async run(call) {
    call.out(`${call.folder.path}\n`)
    return 0
  },
}

/** @throws what is no refusal of the work folder */
function refusal(command: string, name: string, error: unknown): string {
  if (!(error instanceof LabError)) throw error
  return `${command}: ${name}: ${error.message}\n${error.next.map((line) => `${line}\n`).join('')}`
}
