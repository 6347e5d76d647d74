import { FileError } from '../files/file-node.ts'

/** How a script leaves what it is in. Thrown by builtins, caught by the loop, function or shell that they mean. */
export class LoopExit extends Error {
  override readonly name = 'LoopExit'
  readonly kind: 'break' | 'continue'
  levels: number
  constructor(kind: 'break' | 'continue', levels: number) {
    super(kind)
    this.kind = kind
    this.levels = levels
  }
}

export class FunctionReturn extends Error {
  override readonly name = 'FunctionReturn'
  readonly status: number
  constructor(status: number) {
    super('return')
    this.status = status
  }
}

export class ShellExit extends Error {
  override readonly name = 'ShellExit'
  readonly status: number
  constructor(status: number) {
    super('exit')
    this.status = status
  }
}

/** Ctrl-C at an interactive shell: back to the prompt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** A failed builtin. In a special builtin it ends a script. The message comes without the prefix. */
export class BuiltinError extends Error {
  override readonly name = 'BuiltinError'
  readonly status: number
  constructor(message: string, status = 2) {
    super(message)
    this.status = status
  }
}

/** A redirection that could not be made; message as ash words it. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError'
}

/** No process could be made: the container has as many as it may. Ends a script. */
export class ForkError extends Error {
  override readonly name = 'ForkError'
}

/** Makes a process. Throws `ForkError` where there can be no more. */
export function forked<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof FileError && error.code === 'EAGAIN')
      throw new ForkError(`can't fork: ${error.message}`)
    throw error
  }
}
