import type { KubectlCommand } from './context.ts'

/** `kubectl` and `kubectl --help`: what the lab's kubectl has. */
export function kubectlHelp(commands: readonly KubectlCommand[]): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 3
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`)
  return `The lab's kubectl: the commands below print what kubectl prints. netpol-lab shell opens your own kubectl.\n\nCommands:\n${lines.join('\n')}\n\nUsage:\n  kubectl [command] [flags]\n\nUse "kubectl <command> --help" for the flags of a command.\n`
}

/** `kubectl run --help`: usage and flags, without the real one's examples. */
export function helpFor(command: KubectlCommand): string {
  const flags = command.flags
    .filter((spec) => spec.refused === undefined)
    .map((spec) => {
      const short = spec.short === undefined ? '    ' : `-${spec.short}, `
      return `    ${short}--${spec.name}${spec.type === 'bool' ? '' : ` ${spec.type}`}`
    })
  const options = flags.length === 0 ? '' : `\nFlags:\n${flags.sort().join('\n')}\n`
  return `${command.summary}.\n${options}\nUsage:\n  ${command.usage}\n`
}
