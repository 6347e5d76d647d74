import type { ProgramContext } from '../../process/program.ts'

const HEAD = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`

/** curl's progress meter on stderr (lib/progress.c): shown where the output goes into a file or a pipe. */
export interface ProgressMeter {
  begin(): Promise<void>
  /** The last line, with its end. */
  finish(received: number, total: number | undefined, elapsedMs: number): Promise<void>
}

export function createProgressMeter(context: ProgramContext, wanted: boolean): ProgressMeter {
  let begun = false
  const say = (text: string) => (wanted ? context.stderr.write(text) : Promise.resolve())
  return {
    async begin() {
      if (begun) return
      begun = true
      await say(`${HEAD}${row(0, undefined, 0)}`)
    },
    async finish(received, total, elapsedMs) {
      if (begun) await say(`${row(received, total, elapsedMs)}\n`)
    },
  }
}

function row(received: number, total: number | undefined, elapsedMs: number): string {
  const speed = elapsedMs > 0 ? (received * 1000) / elapsedMs : 0
  const percent = total === undefined || total === 0 ? 0 : Math.floor((received * 100) / total)
  const size = (bytes: number) => sizeText(bytes).padStart(5)
  return `\r${String(percent).padStart(3)} ${size(total ?? 0)}  ${String(percent).padStart(3)} ${size(received)}    0     0  ${size(speed)}      0 ${timeText(elapsedMs, total)} ${timeText(elapsedMs, received)} --:--:-- ${size(speed)}`
}

function timeText(ms: number, of: number | undefined): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds === 0 || of === undefined) return seconds === 0 ? '--:--:--' : clock(seconds)
  return clock(seconds)
}

function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`.padStart(
    8,
  )
}

/** At most five signs: bytes, then k and M. */
function sizeText(bytes: number): string {
  if (bytes < 100_000) return String(Math.round(bytes))
  if (bytes < 10_000 * 1024) return `${Math.floor(bytes / 1024)}k`
  const megabytes = bytes / (1024 * 1024)
  return megabytes < 100
    ? `${(Math.floor(megabytes * 10) / 10).toFixed(1)}M`
    : `${Math.floor(megabytes)}M`
}
