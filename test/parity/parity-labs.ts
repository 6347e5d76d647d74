import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { parseLine } from '../../src/shell/line/parse-line.ts'
import { type Lab, type LineResult, openLab } from '../shell/lab.ts'
import { runKubectl } from './real-kubectl.ts'
import type { TranscriptEntry } from './transcript.ts'

/** Two clusters that get the same commands, one from the real kubectl and one from the lab's. */
export interface ParityLabs {
  /** What the real kubectl prints on its cluster. */
  runReal(entry: TranscriptEntry): Promise<LineResult>
  /** What the lab's kubectl prints on the other cluster. */
  runOwn(entry: TranscriptEntry): Promise<LineResult>
  /** What both kubectls print about the cluster of the real one, which printed `real` just now. */
  readTogether(
    entry: TranscriptEntry,
    real: LineResult,
  ): Promise<readonly [real: LineResult, own: LineResult]>
  /** Gives a command that only the real kubectl has to the other cluster too, so that both go on alike. */
  repeatReal(entry: TranscriptEntry): Promise<void>
  close(): Promise<void>
}

const MANIFESTS = join(import.meta.dirname, 'manifests')

export async function openParityLabs(kubectl: string): Promise<ParityLabs> {
  const cache = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-cache-'))
  const clock = createRealClock()
  const [real, own] = await Promise.all([openLab({ clock }), openLab({ clock })])
  for (const { folder } of [real, own]) await cp(MANIFESTS, folder, { recursive: true })

  const callReal = async (lab: Lab, entry: TranscriptEntry): Promise<LineResult> => {
    const [command] = parseLine(entry.line)
    const { until, meanwhile = [], env } = entry.options
    const stdin = command?.hereDocument
    let begun: Promise<void> | undefined
    const result = await runKubectl(kubectl, command?.words.slice(1) ?? [], {
      kubeconfig: lab.kubeconfig,
      cache,
      cwd: lab.folder,
      ...(env === undefined ? {} : { env }),
      ...(stdin === undefined ? {} : { stdin }),
      onOut(all, interrupt) {
        begun ??= (async () => {
          for (const line of meanwhile) await lab.run(line)
        })()
        if (until !== undefined && all.includes(until)) interrupt()
      },
    })
    await begun
    return until === undefined ? result : { ...result, code: 0 }
  }

  const callOwn = async (lab: Lab, entry: TranscriptEntry): Promise<LineResult> => {
    const { until, meanwhile = [] } = entry.options
    const stop = new AbortController()
    let begun: Promise<void> | undefined
    const result = await lab.run(entry.line, {
      signal: stop.signal,
      onOut(all) {
        begun ??= (async () => {
          for (const line of meanwhile) await lab.run(line)
        })()
        if (until !== undefined && all.includes(until)) stop.abort()
      },
    })
    await begun
    return until === undefined ? result : { ...result, code: 0 }
  }

  return {
    runReal: (entry) => callReal(real, entry),
    runOwn: (entry) => callOwn(own, entry),
    async readTogether(entry, before) {
      // Ages go on between two calls: another look tells a difference from a tick.
      for (let looks = 1, a = before; ; looks += 1, a = await callReal(real, entry)) {
        const b = await callOwn(real, entry)
        if (looks === 4 || (a.out === b.out && a.err === b.err && a.code === b.code)) return [a, b]
      }
    },
    async repeatReal(entry) {
      await callReal(own, entry)
    },
    async close() {
      await Promise.all([real.close(), own.close()])
      await rm(cache, { recursive: true, force: true })
    },
  }
}

/** Commands that change nothing, so that both kubectls can ask about one cluster. */
const READING =
  /^kubectl (-\S+ \S+ )?(api-resources|api-versions|auth|cluster-info|describe|events|explain|get|logs|rollout (history|status)|version)\b/

/** Whether a command only looks. What goes on until it is interrupted is not asked twice. */
export function isReading({ line, options }: TranscriptEntry): boolean {
  return READING.test(line) && options.until === undefined && options.meanwhile === undefined
}
