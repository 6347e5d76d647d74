import { createHash } from 'node:crypto'
import type { Lesson } from './model.ts'

/** How messages name a lesson's folder while it is built; what they name it later is put in its place. */
export function buildFolder(name: string): string {
  return `{lessons}/${name}`
}

/** Tells whether a folder of this name with these files is one that was built. */
export function digestOf(name: string, texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(name)
  for (const [name, text] of texts) hash.update(JSON.stringify([name, text]))
  return hash.digest('hex')
}

/** The lesson of a JSON text that the build made, with its folder as messages name it now. */
export function readBuiltLesson(json: string, name: string, shownAs: string): Lesson {
  return JSON.parse(json.replaceAll(buildFolder(name), () => JSON.stringify(shownAs).slice(1, -1)))
}
