import type { WayTo } from '../runner/snapshot.ts'
import { KEY_TABLE } from './keys.ts'

/** The key that brings a learner there on the full screen: `h`. */
export function keyTo(way: WayTo): string {
  return bindingTo(way)?.shown ?? way.wayTo
}

/** The word that does it in plain text: `:hint`. */
export function wordTo(way: WayTo): string {
  const word = bindingTo(way)?.word
  return word === undefined ? way.wayTo : `:${word}`
}

function bindingTo(way: WayTo) {
  return KEY_TABLE.find((binding) => binding.command === way.wayTo)
}
