/**
 * Writes a result to stdout and resolves when it is out: the process ends right after a command, and a pipe takes a large text in
 * pieces. A reader that has seen enough (`| head`) is no error.
 *
 * @param text a text, or its pieces, of which each is made when the one before is out
 */
export async function print(text: string | Iterable<string>): Promise<void> {
  const { stdout } = process
  const ignore = () => {}
  stdout.on('error', ignore)
  for (const piece of typeof text === 'string' ? [text] : text) {
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      stdout.write(piece, resolve)
    })
    // Nobody reads any more.
    if (failure != null) break
  }
  // The event of a failed write comes after its callback.
  setImmediate(() => stdout.off('error', ignore))
}
