import type { Mark, OutcomeView } from '../../runner/snapshot.ts'

const MARKS: Readonly<Record<OutcomeView['observed'] | 'not sure', Mark>> = {
  connected: 'good',
  refused: 'refused',
  timeout: 'bad',
  'dns-failure': 'careful',
  'no-such-name': 'careful',
  inconclusive: 'untried',
  'not sure': 'untried',
}

/** The sign in front of an outcome word. */
export function outcomeMark(outcome: keyof typeof MARKS): Mark {
  return MARKS[outcome]
}
