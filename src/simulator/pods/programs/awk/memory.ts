import { withinMemory } from '../../process/program-context.ts'
import type { Value } from './values.ts'

/** What an element or a variable takes beside its text, in bytes. */
const ELEMENT_BYTES = 100

/** What a program's variables and arrays hold together, about. */
export class Memory {
  private bytes = 0

  /** Throws `FileError` (ENOMEM) where it is too much. */
  add(bytes: number): void {
    if (bytes > 0) withinMemory(this.bytes + bytes)
    this.bytes += bytes
  }
}

export function sizeOf(value: Value | undefined): number {
  if (value === undefined || typeof value === 'number') return 0
  return typeof value === 'string' ? value.length : value.text.length
}

/** An array of awk: what it holds counts. */
export class AwkArray extends Map<string, Value> {
  private readonly memory: Memory | undefined

  constructor(memory: Memory) {
    super()
    this.memory = memory
  }

  override set(key: string, value: Value): this {
    const before = this.get(key)
    const more = before === undefined ? ELEMENT_BYTES + key.length : -sizeOf(before)
    this.memory?.add(more + sizeOf(value))
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    const before = this.get(key)
    if (before !== undefined) this.memory?.add(-ELEMENT_BYTES - key.length - sizeOf(before))
    return super.delete(key)
  }

  override clear(): void {
    for (const [key, value] of this) this.memory?.add(-ELEMENT_BYTES - key.length - sizeOf(value))
    super.clear()
  }
}
