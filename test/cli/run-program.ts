import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programCommand } from '../e2e/program.ts'

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own for everything that the program reads and writes. */
export interface ProgramPlace {
  readonly folder: string
  readonly home: string
  /** Runs the built program to its end, without a terminal. */
  run(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** Starts it; resolves when `ready` stands in its output. */
  serve(args: readonly string[], ready: RegExp): Promise<{ stop(): Promise<ProgramResult> }>
  close(): Promise<void>
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export async function openPlace(): Promise<ProgramPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-cli-'))
  const home = join(folder, 'home')
  const start = (args: readonly string[], options: ProgramOptions = {}) => {
    const [program = '', ...rest] = programCommand(...args)
    const child = spawn(program, rest, {
      cwd: options.cwd ?? folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        TMPDIR: folder,
        HOME: folder,
        LANG: 'C.UTF-8',
        NETPOL_LAB_HOME: home,
        ...options.env,
      },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = new Promise<ProgramResult>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, stdout, stderr }))
    })
    return { child, ended, output: () => stdout }
  }
  return {
    folder,
    home,
    run: (args, options) => start(args, options).ended,
    serve: async (args, ready) => {
      const { child, ended, output } = start(args)
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (ready.test(output())) resolve()
        }
        child.stdout.on('data', look)
        void ended.then(({ stderr }) => reject(new Error(`It ended: ${stderr}`)))
      })
      return {
        stop: () => {
          child.kill('SIGINT')
          return ended
        },
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
