import type { AppSnapshot, ItemView } from '../../runner/snapshot.ts'

/** The item that Enter is about, or that runs now. */
export function nextItem(snapshot: AppSnapshot): ItemView | undefined {
  if (snapshot.place !== 'lesson') return undefined
  return snapshot.run.blocks
    .flatMap((block) => (block.kind === 'items' ? block.items : []))
    .find((item) => item.state === 'next' || item.state === 'running')
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
