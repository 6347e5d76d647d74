/**
 * Writes a result to stdout and resolves when it is out: the process ends right after a command, and a pipe takes a large text in
 * pieces. A reader that has seen enough (`| head`) is no error.
 */
export async function print(text: string): Promise<void> {
  const { stdout } = process
  const ignore = () => {}
  stdout.on('error', ignore)
  await new Promise<void>((resolve) => {
    stdout.write(text, () => resolve())
  })
  // The event of a failed write comes after its callback.
  setImmediate(() => stdout.off('error', ignore))
}
