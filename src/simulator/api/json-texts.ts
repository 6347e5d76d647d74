import type { AnyKubeObject } from '../../kube/objects.ts'

/** So many signs of text are kept: the objects that clients and watches ask for now, not the whole of a large cluster twice. */
const LIMIT = 2 * 1024 * 1024

/** The JSON of stored objects. What is stored never changes, so a text is made once and shared by everybody who watches, gets or lists. */
export interface JsonTexts {
  /** @param ifRoom keeps the text only where none has to go for it, as a list longer than the limit would drive out itself. @default false */
  of(object: AnyKubeObject, ifRoom?: boolean): string
  /** An object that is not stored any more is hardly asked for again. */
  forget(object: AnyKubeObject): void
}

/** @param limit how many signs are kept; the oldest texts go first. @default 2 Mi */
export function createJsonTexts(limit = LIMIT): JsonTexts {
  const texts = new Map<object, string>()
  let size = 0
  const forget = (object: object) => {
    size -= texts.get(object)?.length ?? 0
    texts.delete(object)
  }
  return {
    of(object, ifRoom = false) {
      const known = texts.get(object)
      if (known !== undefined) return known
      const text = JSON.stringify(object)
      // An object in another version than the stored one is made anew for each who asks.
      if (!Object.isFrozen(object) || text.length + (ifRoom ? size : 0) > limit) return text
      texts.set(object, text)
      size += text.length
      for (const oldest of texts.keys()) {
        if (size <= limit) break
        forget(oldest)
      }
      return text
    },
    forget,
  }
}
