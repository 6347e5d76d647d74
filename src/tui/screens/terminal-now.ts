import type { RunSnapshot } from '../../runner/snapshot.ts'

/**
 * What `Now` says while the terminal has the keys: there Enter belongs to the prompt, so the next command is named, or the way to
 * its prompt, or the way out. `undefined` leaves the runner's line.
 */
export function terminalNow(run: RunSnapshot): string | undefined {
  if (run.console.busy) return undefined
  const now = run.now.parts.map((part) => (typeof part === 'string' ? part : part.word)).join('')
  if (!now.includes('Enter ')) return undefined
  const item = run.blocks
    .flatMap((block) => (block.kind === 'items' ? block.items : []))
    .find((candidate) => candidate.state === 'next')
  const { place, session } = run.console
  const here = place === 'pod' && session !== undefined ? `pod ${session}` : 'the lab'
  if (run.enter === 'run' && item !== undefined && item.prompt !== '') {
    const wanted = item.prompt === '/ #' ? 'pod' : 'lab'
    if (wanted === place) return `In ${here}. Next: ${item.text}`
    if (wanted === 'lab') return 'The next command is for the lab. :lab goes to its prompt.'
    if (session !== undefined)
      return `The next command is for pod ${session}. :pod goes to its prompt.`
  }
  return `Shift-Tab, then: ${now}`
}
