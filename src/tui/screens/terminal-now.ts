import type { ItemView, RunSnapshot } from '../../runner/snapshot.ts'
import { keyTo } from '../way-to.ts'

/**
 * What `Now` says while the terminal has the keys: there Enter belongs to the prompt, so the next command is named, or the way to
 * its prompt, or the way out. `undefined` leaves the runner's line.
 *
 * @param visiting Enter in the lesson brought the learner here, and goes on from here as well
 */
export function terminalNow(run: RunSnapshot, visiting: boolean): string | undefined {
  if (run.console.busy) return undefined
  const now = run.now.parts
    .map((part) => (typeof part === 'string' ? part : 'wayTo' in part ? keyTo(part) : part.word))
    .join('')
  if (!now.includes('Enter ')) return undefined
  const item = nextCommand(run)
  if (visiting) {
    return runsHere(run)
      ? `Enter runs: ${item?.text ?? ''}`
      : 'Enter goes back to the lesson. There is more to read.'
  }
  const { place, session } = run.console
  if (item === undefined) return `Shift-Tab, then: ${now}`
  const wanted = item.prompt === '/ #' ? 'pod' : 'lab'
  const here = place === 'pod' && session !== undefined ? `pod ${session}` : 'the lab'
  if (wanted === place) return `In ${here}. Next: ${item.text}`
  if (wanted === 'lab') return 'The next command is for the lab. :lab goes to its prompt.'
  if (session === undefined) return `Shift-Tab, then: ${now}`
  return `The next command is for pod ${session}. :pod goes to its prompt.`
}

/** Whether the next thing is a command that can follow the last one without anything to read or to answer between them. */
export function runsHere(run: RunSnapshot): boolean {
  return !run.readFirst && nextCommand(run) !== undefined
}

function nextCommand(run: RunSnapshot): ItemView | undefined {
  if (run.enter !== 'run') return undefined
  return run.blocks
    .flatMap((block) => (block.kind === 'items' ? block.items : []))
    .find((item) => item.state === 'next' && item.prompt !== '')
}
