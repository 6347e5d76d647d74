/** A script that cannot be parsed; the message is ash's, without the prefix. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError'
  /** More text could complete it: an interactive shell asks for another line. */
  readonly incomplete: boolean
  readonly line: number
  constructor(message: string, options: { readonly incomplete: boolean; readonly line: number }) {
    super(`syntax error: ${message}`)
    this.incomplete = options.incomplete
    this.line = options.line
  }
}
