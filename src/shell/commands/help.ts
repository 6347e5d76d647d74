import { helpFor } from '../kubectl/help.ts'
import { findCommand } from '../kubectl/kubectl.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'
import { LAB_COMMANDS } from './commands.ts'
import type { LabCommand } from './lab-command.ts'

/** `help`, `help cat`, `help kubectl run`. */
export const helpCommand: LabCommand = {
  name: 'help',
  summary: 'List the commands, or explain one',
  usage: ['help [COMMAND]', 'help kubectl run'],
  words: 'commands',
  prose: true,
  async run(call, args) {
    const [name, ...rest] = args
    if (name === undefined) {
      const width = Math.max(...LAB_COMMANDS.map((command) => command.name.length)) + 3
      const lines = LAB_COMMANDS.map((one) => `  ${one.name.padEnd(width)}${one.summary}\n`)
      call.out(`${lines.join('')}\n${NOTES}`)
      return 0
    }
    if (name === 'kubectl' && rest.length > 0) {
      const found = kubectlCommand(rest)
      if (typeof found === 'string') {
        call.err(`help: ${found}\n`)
        return 1
      }
      if (found !== undefined) {
        call.out(helpFor(found))
        return 0
      }
    }
    const command = LAB_COMMANDS.find((one) => one.name === name)
    if (command === undefined) {
      call.err(`help: there is no command ${name}. Type help to list the commands.\n`)
      return 1
    }
    call.out(`${command.summary}.\n\n${command.usage.map((line) => `  ${line}\n`).join('')}`)
    return 0
  },
}

function kubectlCommand(words: readonly string[]) {
  try {
    return findCommand(words).command
  } catch (error) {
    if (error instanceof KubectlError) return error.message
    throw error
  }
}

const NOTES = `Commands can be joined with ; && and ||, and a manifest can be given in place: kubectl apply -f - <<EOF
help kubectl lists what kubectl can do here. Type :help for the keys and words of the lab itself.
netpol-lab shell opens your own shell on this cluster.
`
