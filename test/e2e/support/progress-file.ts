import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LessonProgress, ProgressRecord } from '../../../src/progress/records.ts'

/** What is written down of the lesson in the lab's folder `home`. */
export async function readProgress(home: string): Promise<LessonProgress> {
  return JSON.parse(await readFile(progressPath(home), 'utf8'))
}

export function progressPath(home: string): string {
  return join(home, 'data', 'progress', 'deny-egress.json')
}

/** The records of one kind. */
export function recordsOf<K extends ProgressRecord['kind']>(
  progress: LessonProgress,
  kind: K,
): readonly Extract<ProgressRecord, { readonly kind: K }>[] {
  return progress.records.filter(
    (record): record is Extract<ProgressRecord, { readonly kind: K }> => record.kind === kind,
  )
}
