import type { OpenFile } from './open-file.ts'

/** The open files of a process, by number. */
export class FdTable {
  /** Few and small numbers, as a rule; where a process closed one there is nothing. */
  private files: (OpenFile | undefined)[] = []

  get(fd: number): OpenFile | undefined {
    return this.files[fd]
  }

  /** The numbers that are open, in order. */
  numbers(): readonly number[] {
    const open: number[] = []
    // Skips what was never opened, however large a number is.
    this.files.forEach((file, fd) => {
      if (file !== undefined) open.push(fd)
    })
    return open
  }

  /** Puts a file at a number; the table takes over the caller's hold on it. */
  set(fd: number, file: OpenFile): void {
    this.files[fd]?.release()
    // As large as it is: a list that grows by itself has room for sixteen more.
    if (fd === this.files.length) this.files = this.files.concat(file)
    else this.files[fd] = file
  }

  close(fd: number): void {
    this.files[fd]?.release()
    delete this.files[fd]
  }

  /** A table of its own on the same files, as `fork` makes it. */
  clone(): FdTable {
    const copy = new FdTable()
    for (const fd of this.numbers()) {
      const file = this.files[fd]
      if (file !== undefined) copy.files[fd] = file.retain()
    }
    return copy
  }

  closeAll(): void {
    const open = this.files
    this.files = []
    open.forEach((file) => {
      file?.release()
    })
  }
}
