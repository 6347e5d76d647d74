import { join } from 'node:path'
import { spawn } from '@lydell/node-pty'

/**
 * Milliseconds from the start of a program in a pseudo-terminal to the first bytes with `text` in them. The program is
 * stopped then.
 * @param {string} text
 * @param {readonly string[]} args of node
 * @param {string} folder where it may keep files
 * @returns {Promise<number>}
 */
export function untilScreenShows(text, args, folder) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    let seen = ''
    let took
    const pty = spawn(process.execPath, [...args], {
      name: 'xterm-256color',
      cols: 80,
      rows: 24,
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
        NETPOL_LAB_HOME: join(folder, 'first-frame'),
      },
    })
    pty.onData((data) => {
      seen += data
      if (took !== undefined || !seen.includes(text)) return
      took = performance.now() - started
      pty.kill('SIGKILL')
    })
    pty.onExit(() => {
      if (took === undefined) reject(new Error(`The screen never showed "${text}":\n${seen}`))
      else resolve(took)
    })
  })
}
