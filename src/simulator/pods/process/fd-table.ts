import type { OpenFile } from './open-file.ts'

/** The open files of a process, by number. */
export class FdTable {
  private readonly files = new Map<number, OpenFile>()

  get(fd: number): OpenFile | undefined {
    return this.files.get(fd)
  }

  numbers(): readonly number[] {
    return [...this.files.keys()]
  }

  /** Puts a file at a number; the table takes over the caller's hold on it. */
  set(fd: number, file: OpenFile): void {
    this.files.get(fd)?.release()
    this.files.set(fd, file)
  }

  close(fd: number): void {
    this.files.get(fd)?.release()
    this.files.delete(fd)
  }

  /** A table of its own on the same files, as `fork` makes it. */
  clone(): FdTable {
    const copy = new FdTable()
    for (const [fd, file] of this.files) copy.files.set(fd, file.retain())
    return copy
  }

  closeAll(): void {
    for (const file of this.files.values()) file.release()
    this.files.clear()
  }
}
