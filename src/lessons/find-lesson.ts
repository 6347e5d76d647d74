import { closest, distance } from 'fastest-levenshtein'
import { LabError } from '../base/errors.ts'
import type { LessonEntry } from './load-catalogue.ts'

/**
 * The lesson that a word names: its number (`8`, `08`), its id (`deny-egress`) or both (`08-deny-egress`).
 * Throws `ERR_UNKNOWN_LESSON` with the nearest name.
 */
export function findLesson(catalogue: readonly LessonEntry[], word: string): LessonEntry {
  const wanted = word.trim().toLowerCase()
  const found = catalogue.find(
    (entry) =>
      entry.id === wanted ||
      folderOf(entry) === wanted ||
      (/^\d+$/.test(wanted) && Number(wanted) === entry.number),
  )
  if (found !== undefined) return found
  throw new LabError('ERR_UNKNOWN_LESSON', `There is no lesson "${word}".`, {
    next: [nextStep(catalogue, wanted)],
  })
}

function nextStep(catalogue: readonly LessonEntry[], word: string): string {
  const near =
    catalogue.length === 0 || /^\d+$/.test(word)
      ? undefined
      : closest(
          word,
          catalogue.flatMap((entry) => [entry.id, folderOf(entry)]),
        )
  if (near !== undefined && distance(near, word) <= Math.max(2, Math.floor(near.length / 2)))
    return `The nearest is ${near}.`
  const names = catalogue.map((entry) => `${entry.number} ${entry.id}`)
  return names.length === 0
    ? 'This folder holds no lesson.'
    : `There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.`
}

function folderOf(entry: LessonEntry): string {
  return `${String(entry.number).padStart(2, '0')}-${entry.id}`
}
