import type { AnyKubeObject } from '../../kube/objects.ts'

/** So many objects' texts are kept: the ones that clients and watches ask for now, not the whole cluster twice. */
const LIMIT = 256

const texts = new Map<object, string>()

/**
 * An object as JSON. What is stored never changes, so its text is made once and shared by everybody who watches or gets it.
 */
export function jsonTextOf(object: AnyKubeObject): string {
  if (!Object.isFrozen(object)) return JSON.stringify(object)
  let text = texts.get(object)
  if (text === undefined) {
    text = JSON.stringify(object)
    // The oldest goes: a new state of an object is a new object, and the old one is not asked for any more.
    if (texts.size >= LIMIT)
      for (const oldest of texts.keys()) {
        texts.delete(oldest)
        break
      }
    texts.set(object, text)
  }
  return text
}
