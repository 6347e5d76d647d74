import type { ProgramInput } from '../../process/program.ts'
import { concat } from '../../process/program-context.ts'
import { ArchiveError, BLOCK, type Member, readHeader } from './header.ts'

/** The members of an archive in their order. Each one's content is read, or passed over, before the next. */
export class ArchiveReader {
  private readonly input: ProgramInput
  private held: Uint8Array = new Uint8Array(0)
  private left = 0
  private padding = 0
  private begun = false

  constructor(input: ProgramInput) {
    this.input = input
  }

  /** The next member; `undefined` at the end. What stands behind the end is read, so that who writes it is not stopped. Throws `ArchiveError`. */
  async next(): Promise<Member | undefined> {
    while ((await this.content()) !== undefined) {
      // Passed over.
    }
    let named: Partial<Member> = {}
    for (let first = true; ; first = false) {
      const block = await this.block(first)
      const header = block === undefined ? undefined : readHeader(block)
      if (header === undefined) {
        while ((await this.some(65_536)) !== undefined) {
          // Read to the end.
        }
        return undefined
      }
      const { type, member } = header
      if (type === 'L' || type === 'K') {
        const text = new TextDecoder().decode(await this.all(member.size)).replace(/\0[\s\S]*$/, '')
        named = { ...named, ...(type === 'L' ? { name: text } : { target: text }) }
      } else if (type === 'x') named = { ...named, ...extended(await this.all(member.size)) }
      else if (type === 'g') await this.all(member.size)
      else {
        const whole = { ...member, ...named }
        this.left = whole.size
        this.padding = padding(whole.size)
        return whole
      }
    }
  }

  /** Some of the content of the member that `next` gave; `undefined` at its end. Throws `ArchiveError`. */
  async content(): Promise<Uint8Array | undefined> {
    if (this.left === 0) {
      await this.exactly(this.padding)
      this.padding = 0
      return undefined
    }
    const chunk = await this.some(this.left)
    if (chunk === undefined) throw new ArchiveError('short read')
    this.left -= chunk.length
    return chunk
  }

  /** `undefined` where the archive ends between two blocks, which an archive without an end may. */
  private async block(first: boolean): Promise<Uint8Array | undefined> {
    const start = await this.some(BLOCK)
    if (start === undefined) {
      if (!first || !this.begun) throw new ArchiveError('short read')
      return undefined
    }
    const parts = [start]
    for (let left = BLOCK - start.length; left > 0; ) {
      const chunk = await this.some(left)
      if (chunk === undefined)
        throw new ArchiveError(this.begun ? 'short read' : 'invalid tar magic')
      parts.push(chunk)
      left -= chunk.length
    }
    this.begun = true
    return concat(parts)
  }

  private async all(size: number): Promise<Uint8Array> {
    // Names and the like; what is longer is no archive.
    if (size > 1_048_576) throw new ArchiveError('short read')
    const data = await this.exactly(size)
    await this.exactly(padding(size))
    return data
  }

  private async exactly(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let left = size; left > 0; ) {
      const chunk = await this.some(left)
      if (chunk === undefined) throw new ArchiveError('short read')
      parts.push(chunk)
      left -= chunk.length
    }
    return concat(parts)
  }

  private async some(most: number): Promise<Uint8Array | undefined> {
    if (this.held.length === 0) {
      const chunk = await this.input.read()
      if (chunk === undefined) return undefined
      this.held = chunk
    }
    const taken = this.held.subarray(0, most)
    this.held = this.held.subarray(taken.length)
    return taken
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** POSIX' records `LENGTH KEY=VALUE\n`, which stand for what a header has no room for. */
function extended(data: Uint8Array): Partial<Member> {
  let member: Partial<Member> = {}
  for (let at = 0; at < data.length; ) {
    const [, digits = ''] =
      /^(\d+) /.exec(new TextDecoder().decode(data.subarray(at, at + 20))) ?? []
    const length = Number(digits)
    if (!(length > 0)) break
    const record = new TextDecoder().decode(data.subarray(at + digits.length + 1, at + length - 1))
    const [key = '', ...rest] = record.split('=')
    const value = rest.join('=')
    if (key === 'path') member = { ...member, name: value }
    else if (key === 'linkpath') member = { ...member, target: value }
    else if (key === 'size') member = { ...member, size: Number(value) }
    else if (key === 'mtime') member = { ...member, modifiedMs: Number(value) * 1000 }
    at += length
  }
  return member
}
