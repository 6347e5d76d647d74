/** What a person reads off the full screen: where they are, and what the `Now` line says comes next. */
export interface Seen {
  readonly kind:
    | 'start'
    | 'predict'
    | 'because'
    | 'quiz'
    | 'answered'
    | 'outcome'
    /** Enter runs a command, from the lesson or from the terminal. */
    | 'run'
    /** At a prompt of the terminal; what comes next is typed there or done in the lesson. */
    | 'prompt'
    | 'read'
    | 'open-question'
    | 'task'
    | 'checks'
    | 'failed'
    | 'step-done'
    | 'finished'
    | 'endless'
    | 'dialog'
    | 'busy'
    | 'other'
  readonly screen: string
  readonly now: string
  readonly last: string
  readonly step: number
  readonly points: number
  /** The command that is next, as far as the screen shows it. */
  readonly command: string | undefined
}

/** What opens in front of everything else says its name in the heading. */
const HEADINGS: Readonly<Record<string, Seen['kind']>> = {
  Predict: 'predict',
  Because: 'because',
  Quiz: 'quiz',
  Outcome: 'outcome',
}

const NOW: readonly (readonly [RegExp, Seen['kind']])[] = [
  [/^ping .* Ctrl-C stops it/, 'endless'],
  [/Ctrl-C stops it\.|^The lab looks|^The checks run/, 'busy'],
  [/^Enter runs the checks/, 'checks'],
  [/^A check failed/, 'failed'],
  [/^Enter (?:runs|opens the pod's shell)/, 'run'],
  [/^Enter (?:goes back to|shows) the lesson/, 'read'],
  [/^Enter opens the question/, 'open-question'],
  [/^Change \S+/, 'task'],
  [/^(?:Step done|Every step is done)/, 'step-done'],
  [/^Enter (?:goes to the list|opens the next lesson)/, 'finished'],
  [/^(?:In the lab|In pod|The next command is|Shift-Tab, then)/, 'prompt'],
  [/^Enter starts/, 'start'],
  [/^(?:Enter keeps|Enter carries out|A number marks a choice)/, 'dialog'],
]

export function readScreen(screen: string): Seen {
  const now = rowOf(screen, 'Now')
  const last = rowOf(screen, 'Last')
  const header = screen.split('\n')[0] ?? ''
  const kind = kindOf(screen, now)
  return {
    kind,
    screen,
    now,
    last,
    step: Number(/step (\d+) of \d+/.exec(header)?.[1] ?? 0),
    points: Number(/(\d+)\/\d+ points/.exec(header)?.[1] ?? 0),
    command: kind === 'run' || kind === 'prompt' ? commandOf(screen, now) : undefined,
  }
}

function kindOf(screen: string, now: string): Seen['kind'] {
  const heading = /[━=]{2} (Predict|Because|Quiz|Outcome)\b/.exec(screen)?.[1]
  const opened = heading === undefined ? undefined : HEADINGS[heading]
  if (opened !== undefined) {
    if (!now.startsWith('Enter goes on')) return opened === 'outcome' ? 'busy' : opened
    return opened === 'outcome' ? opened : 'answered'
  }
  const kind = NOW.find(([pattern]) => pattern.test(now))?.[1] ?? 'other'
  // It can be stopped once it says something.
  return kind === 'endless' && !/^PING .* data bytes/m.test(screen) ? 'busy' : kind
}

/** The lower rows of the frame, whatever stands above them. */
function rowOf(screen: string, label: 'Last' | 'Now'): string {
  const rows = screen.split('\n').slice(-3)
  const row = rows.find((text) => text.startsWith(` ${label.padEnd(4)} `))
  return row?.slice(6).trim() ?? ''
}

function commandOf(screen: string, now: string): string | undefined {
  const named = /^(?:Enter runs|In the lab\. Next|In pod \S+ Next): (.*)$/.exec(now)?.[1]
  if (named !== undefined) return named.replace(/(?:…|\.\.\.|\[\.\.\])$/, '')
  const marked = /^ *> ~ next +(?:lab\$|\/ #) +(.*?) *(?:│.*)?$/m.exec(screen)?.[1]
  return marked?.replace(/(?:…|\[\.\.\])$/, '')
}
