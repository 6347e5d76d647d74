/** A failure that kubectl itself words. `message` is printed after `error: `. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError'
  readonly exitCode: number
  /** Printed as it is, with no `error: ` before it. */
  readonly plain: boolean

  constructor(
    message: string,
    options: { readonly exitCode?: number; readonly plain?: boolean } = {},
  ) {
    super(message)
    this.exitCode = options.exitCode ?? 1
    this.plain = options.plain ?? false
  }
}

/** Several failures of one command; kubectl prints each on a line of its own. */
export class KubectlErrors extends Error {
  override readonly name = 'KubectlErrors'
  readonly errors: readonly unknown[]

  constructor(errors: readonly unknown[]) {
    super('several errors')
    this.errors = errors
  }
}

/** The arguments do not fit: kubectl names the help page (`cmdutil.UsageErrorf`). */
export function usageError(command: string, message: string): KubectlError {
  return new KubectlError(`${message}\nSee '${command} -h' for help and examples`)
}

const OWN_KUBECTL =
  'Your own kubectl may have it: netpol-lab env prints the line that points it at this cluster.'

/** Something that kubectl has and the lab's does not: said as such, with what to do instead. */
export function notInLab(what: string, instead: string): KubectlError {
  return new KubectlError(
    [`the lab's kubectl does not have ${what}.`, instead, OWN_KUBECTL]
      .filter((part) => part !== '')
      .join(' '),
  )
}

/** Throws what was collected: nothing, the one failure, or all of them. */
export function throwCollected(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new KubectlErrors(errors)
}
