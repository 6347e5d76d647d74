/** The `+` options of dig that the simulated one knows. */
export interface DigOptions {
  readonly short: boolean
  readonly tcp: boolean
  readonly search: boolean
  readonly recurse: boolean
  readonly edns: boolean
  readonly cookie: boolean
  readonly ignore: boolean
  readonly cmd: boolean
  readonly comments: boolean
  readonly question: boolean
  readonly answer: boolean
  readonly authority: boolean
  readonly additional: boolean
  readonly stats: boolean
  readonly timeSeconds: number
  readonly tries: number
  readonly bufsize: number
  readonly ndots: number | undefined
}

export function defaultDigOptions(): DigOptions {
  return {
    short: false,
    tcp: false,
    search: false,
    recurse: true,
    edns: true,
    cookie: true,
    ignore: false,
    cmd: true,
    comments: true,
    question: true,
    answer: true,
    authority: true,
    additional: true,
    stats: true,
    timeSeconds: 5,
    tries: 3,
    bufsize: 1232,
    ndots: undefined,
  }
}

type Flag = {
  [Key in keyof DigOptions]: DigOptions[Key] extends boolean ? Key : never
}[keyof DigOptions]

const FLAGS: Readonly<Record<string, Flag>> = {
  short: 'short',
  tcp: 'tcp',
  vc: 'tcp',
  search: 'search',
  defname: 'search',
  recurse: 'recurse',
  rec: 'recurse',
  edns: 'edns',
  cookie: 'cookie',
  ignore: 'ignore',
  cmd: 'cmd',
  comments: 'comments',
  question: 'question',
  answer: 'answer',
  authority: 'authority',
  additional: 'additional',
  stats: 'stats',
}

/** Options that change nothing that can be seen here. */
const WITHOUT_EFFECT = ['adflag', 'cdflag', 'dnssec', 'do', 'fail', 'keepopen', 'nsid', 'qr']

const ALL = ['cmd', 'comments', 'question', 'answer', 'authority', 'additional', 'stats'] as const

/** The options after one more, without its `+`; `undefined` where dig has none of that name. */
export function applyPlusOption(options: DigOptions, text: string): DigOptions | undefined {
  const [word = '', value] = text.split('=')
  const on = !word.startsWith('no')
  const name = on ? word : word.slice(2)
  if (name === 'all') {
    return { ...options, ...Object.fromEntries(ALL.map((key) => [key, on])) }
  }
  const number = Number(value)
  if (value !== undefined && /^\d+$/.test(value)) {
    if (name === 'time' || name === 'timeout') {
      return { ...options, timeSeconds: Math.max(1, number) }
    }
    if (name === 'tries') return { ...options, tries: Math.max(1, number) }
    if (name === 'retry') return { ...options, tries: number + 1 }
    if (name === 'bufsize') return { ...options, bufsize: number }
    if (name === 'ndots') return { ...options, ndots: number }
  }
  const flag = FLAGS[name]
  if (flag !== undefined) return { ...options, [flag]: on }
  return WITHOUT_EFFECT.includes(name) ? options : undefined
}
