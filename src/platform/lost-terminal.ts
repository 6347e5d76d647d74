import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * Lets go of terminals that are gone, such as that of a closed window. Node gives every standard stream back as it
 * found it when it ends, and aborts where the terminal does not answer any more (`ResetStdio`); a closed descriptor it leaves alone.
 *
 * @returns what to call right before the process ends
 */
export function watchStandardTerminals(): () => void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor))
  return () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor)
  }
}
