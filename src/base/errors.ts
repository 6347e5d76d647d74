/** The closed set of failures that the lab itself reports, each with its one-line meaning and its exit code. */
export const ERROR_CODES = {
  ERR_USAGE: { exitCode: 2, meaning: 'The command line was not understood.' },
  ERR_UNKNOWN_LESSON: { exitCode: 2, meaning: 'There is no lesson of that name or number.' },
  ERR_UNKNOWN_CLUSTER: { exitCode: 2, meaning: 'There is no such kind of cluster or context.' },
  ERR_LESSON_INVALID: { exitCode: 2, meaning: 'A lesson file breaks a rule of the lesson format.' },
  ERR_FILE_OUTSIDE: { exitCode: 2, meaning: 'A path leads out of the work folder.' },
  ERR_ENGINE_NOT_READY: { exitCode: 3, meaning: 'No container engine answers.' },
  ERR_KIND_MISSING: { exitCode: 3, meaning: 'The kind program is missing or too old.' },
  ERR_KIND_FAILED: { exitCode: 3, meaning: 'kind could not make the cluster.' },
  ERR_IMAGE_NOT_PULLED: { exitCode: 3, meaning: 'A container image could not be pulled.' },
  ERR_CLUSTER_UNREACHABLE: { exitCode: 3, meaning: 'The cluster does not answer.' },
  ERR_CLUSTER_NOT_ENFORCING: {
    exitCode: 3,
    meaning: 'The cluster accepts policies and does not enforce them.',
  },
  ERR_CANARY_INCONCLUSIVE: {
    exitCode: 3,
    meaning: 'The enforcement test could not be carried out.',
  },
  ERR_CONSENT_NEEDED: {
    exitCode: 3,
    meaning: 'A cluster of yours is used only after an explicit yes.',
  },
  ERR_NAMESPACE_IN_USE: {
    exitCode: 3,
    meaning: "A namespace that lessons need holds somebody else's pods.",
  },
  ERR_PROGRESS_DAMAGED: { exitCode: 3, meaning: 'A file of the learner cannot be read.' },
  ERR_PROGRESS_NEWER: {
    exitCode: 3,
    meaning: 'A file of the learner was written by a newer version.',
  },
  ERR_LOCKED: { exitCode: 3, meaning: 'Another netpol-lab uses this lesson or cluster now.' },
  ERR_WINDOW: { exitCode: 3, meaning: 'The window or terminal cannot show this.' },
  ERR_INTERRUPTED: { exitCode: 130, meaning: 'Stopped by Ctrl-C or a signal.' },
  ERR_INTERNAL: { exitCode: 70, meaning: 'A defect of netpol-lab itself.' },
} as const satisfies Record<string, { readonly exitCode: number; readonly meaning: string }>

export type ErrorCode = keyof typeof ERROR_CODES

export interface LabErrorDetails {
  /** What was found or tried, line by line. */
  readonly why?: string | undefined
  /** What to do next; each entry is one way on, as a sentence or a command to paste. */
  readonly next?: readonly string[] | undefined
  readonly cause?: unknown
}

/** A failure that the lab expects and can explain. `message` says what happened. It is rendered once, at the edge. */
export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: ErrorCode
  readonly why: string | undefined
  readonly next: readonly string[]

  constructor(code: ErrorCode, message: string, details: LabErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.why = details.why
    this.next = details.next ?? []
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode
  }
}

/** Makes a switch over a union exhaustive at compile time. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`)
}
