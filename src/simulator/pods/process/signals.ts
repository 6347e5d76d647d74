/** Signals by name, with Linux' numbers. */
export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const

export type SignalName = keyof typeof SIGNALS

/** Signals that do nothing to a process that has no handler for them. */
export const IGNORED_BY_DEFAULT: ReadonlySet<SignalName> = new Set([
  'SIGCHLD',
  'SIGCONT',
  'SIGURG',
  'SIGWINCH',
])

/** Signals that stop a process that has no handler for them. */
export const STOPPING: ReadonlySet<SignalName> = new Set([
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
])

/** A signal by name (`TERM`, `sigterm`) or number (`15`); `undefined` for anything else. */
export function parseSignal(text: string): SignalName | undefined {
  const upper = text.toUpperCase()
  for (const [name, number] of Object.entries(SIGNALS)) {
    if (upper === name || `SIG${upper}` === name || text === String(number))
      return name as SignalName
  }
  return undefined
}

/** What every wait of a process rejects with once the process is gone. Programs let it pass. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
  readonly exitCode: number
  constructor(exitCode: number) {
    super(`process ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}
