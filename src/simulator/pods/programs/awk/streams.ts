import { waiterOf } from '../../../../platform/processor.ts'
import { FileError } from '../../files/file-node.ts'
import type { OpenFile } from '../../process/open-file.ts'
import { createPipe } from '../../process/pipe.ts'
import type { Process } from '../../process/process.ts'
import type { ProgramContext, ProgramInput } from '../../process/program.ts'
import { inputFrom, outputTo, pathOf } from '../../process/program-context.ts'
import { openTreeFile } from '../../process/tree-file.ts'
import { ProgramError } from '../busybox-program.ts'
import { startChild } from '../start-child.ts'

interface Writer {
  write(text: string): Promise<void>
  /** Gives the exit code of a command. */
  close(): Promise<number>
}

interface Reader {
  readonly stream: ProgramInput
  close(): Promise<number>
}

/** The files and commands that a program prints to and reads from, open until they are closed by their name. */
export class Streams {
  private readonly context: ProgramContext
  private readonly writers = new Map<string, Writer>()
  private readonly readers = new Map<string, Reader>()

  constructor(context: ProgramContext) {
    this.context = context
  }

  writer(target: string, how: '>' | '>>' | '|'): Writer {
    let writer = this.writers.get(target)
    if (writer === undefined) {
      writer = how === '|' ? this.commandWriter(target) : this.fileWriter(target, how)
      this.writers.set(target, writer)
    }
    return writer
  }

  /** `undefined` for a file that cannot be opened. */
  reader(source: string, from: 'file' | 'command'): ProgramInput | undefined {
    let reader = this.readers.get(source)
    if (reader === undefined) {
      try {
        reader = from === 'file' ? this.fileReader(source) : this.commandReader(source)
      } catch (error) {
        if (error instanceof FileError) return undefined
        throw error
      }
      this.readers.set(source, reader)
    }
    return reader.stream
  }

  /** The exit code of a command, 0 for a file, -1 for what is not open. */
  async close(name: string): Promise<number> {
    const open = this.writers.get(name) ?? this.readers.get(name)
    this.writers.delete(name)
    this.readers.delete(name)
    return open === undefined ? -1 : open.close()
  }

  async closeWriters(): Promise<void> {
    for (const writer of this.writers.values()) await writer.close()
  }

  private fileWriter(name: string, how: '>' | '>>'): Writer {
    const path = pathOf(this.context, name)
    if (path === '/dev/stderr' || path === '/dev/stdout') {
      const stream = path === '/dev/stderr' ? this.context.stderr : this.context.stdout
      return { write: (text: string) => stream.write(text), close: async () => 0 }
    }
    const file = openTreeFile(this.context.container.files, path, how === '>' ? 'write' : 'append')
    const output = outputTo(file, waiterOf(this.context.signal))
    return {
      write: (text: string) => output.write(text),
      close: async () => {
        file.release()
        return 0
      },
    }
  }

  private shell(command: string, fds: { readonly fd: number; readonly file: OpenFile }): Process {
    const child = startChild(this.context, ['/bin/sh', '-c', command], { files: [fds] })
    if (child === undefined)
      throw new ProgramError("can't execute '/bin/sh': No such file or directory")
    return child
  }

  private commandWriter(command: string): Writer {
    const { reader, writer } = createPipe()
    const child = this.shell(command, { fd: 0, file: reader })
    const output = outputTo(writer, waiterOf(this.context.signal))
    return {
      write: (text: string) => output.write(text),
      close: async () => {
        writer.release()
        return child.exited
      },
    }
  }

  private fileReader(name: string): Reader {
    if (name === '-') return { stream: this.context.stdin, close: async () => 0 }
    const file = openTreeFile(this.context.container.files, pathOf(this.context, name), 'read')
    return {
      stream: inputFrom(file, this.context.signal, this.context.process),
      close: async () => {
        file.release()
        return 0
      },
    }
  }

  private commandReader(command: string): Reader {
    const { reader, writer } = createPipe()
    const child = this.shell(command, { fd: 1, file: writer })
    return {
      stream: inputFrom(reader, this.context.signal, this.context.process),
      close: async () => {
        reader.release()
        return child.exited
      },
    }
  }
}
