import type { Outcome } from '../lessons/model.ts'
import type { Mark, Marked, StatusLine, WayTo } from './snapshot.ts'

export function plain(text: string): StatusLine {
  return { parts: [text] }
}

export function line(...parts: StatusLine['parts']): StatusLine {
  return { parts }
}

export function marked(mark: Mark, word: string): Marked {
  return { mark, word }
}

export function wayTo(place: WayTo['wayTo']): WayTo {
  return { wayTo: place }
}

/** The meaning of an outcome as a mark: one table for every screen. */
export function outcomeMark(outcome: Outcome | 'inconclusive' | 'not sure'): Mark {
  switch (outcome) {
    case 'connected':
      return 'good'
    case 'refused':
      return 'refused'
    case 'timeout':
      return 'bad'
    case 'dns-failure':
    case 'no-such-name':
      return 'careful'
    case 'inconclusive':
    case 'not sure':
      return 'untried'
  }
}
