import type { LabCommand } from './lab-command.ts'

/** `clear`: an empty screen, the scrollback included. */
export const clearCommand: LabCommand = {
  name: 'clear',
  summary: 'Empty the screen',
  usage: ['clear'],
  words: 'none',
  async run(call) {
    call.out('\x1b[H\x1b[2J\x1b[3J')
    return 0
  },
}
