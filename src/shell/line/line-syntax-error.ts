/** What was typed is not a line of the lab's command line. The message says why and what to do instead. */
export class LineSyntaxError extends Error {
  override readonly name = 'LineSyntaxError'
}
