/** One line of kind's progress on a stream that is no terminal (kind pkg/internal/cli/status.go). */
export type KindPhase = {
  readonly title: string
  readonly state: 'running' | 'done' | 'failed'
}

/**
 * Reads ` • Ensuring node image (kindest/node:v1.32.2) 🖼  ...` and the ` ✓ …` or ` ✗ …` line that ends it.
 * `undefined` for any other line.
 */
export function parseKindPhase(line: string): KindPhase | undefined {
  const match = /^\s*([•✓✗])\s+(.+?)\s*$/u.exec(line)
  const [, sign, rest] = match ?? []
  if (sign === undefined || rest === undefined) return undefined
  // Pictures at the end of a title are decoration.
  const title = rest.replace(/[^\p{L}\p{N})=]+$/u, '')
  return { title, state: sign === '•' ? 'running' : sign === '✓' ? 'done' : 'failed' }
}

/** The phase in which kind pulls the node image; all others are its own work. */
export function isImagePhase(phase: KindPhase): boolean {
  return phase.title.startsWith('Ensuring node image')
}
