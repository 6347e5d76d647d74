import type { TerminalSize } from '../../ports.ts'
import { OpenFile } from '../process/open-file.ts'
import type { ProcessGroup } from '../process/process.ts'

const INTERRUPT = 3
const END = 4
const BACKSPACE = 8
const KILL_LINE = 21
const SUSPEND = 26
const ERASE_WORD = 23
const QUIT = 28
const DELETE = 127

/**
 * A terminal with its line discipline: what Linux does between a person's keys and a program's input. Cooked, it
 * echoes, lets lines be corrected and turns Ctrl-C into a signal; raw, it hands bytes over as they come.
 */
export class TerminalDevice {
  size: TerminalSize
  /** Who gets the signals of keys. */
  foreground: ProcessGroup | undefined
  echo = true
  /** Set by who edits a line: the width changed under it. */
  onResize: (() => void) | undefined
  private raw = false
  private line: number[] = []
  private ready: number[] = []
  private endRequested = false
  private hungUp = false
  private wake: (() => void) | undefined
  private readonly output: (data: Uint8Array) => void

  constructor(size: TerminalSize, output: (data: Uint8Array) => void) {
    this.size = size
    this.output = output
  }

  /** What a program writes: a newline becomes carriage return and newline. */
  write(data: Uint8Array): void {
    const out: number[] = []
    for (const byte of data) {
      if (byte === 10) out.push(13)
      out.push(byte)
    }
    this.output(Uint8Array.from(out))
  }

  /** What the person typed. */
  input(data: Uint8Array): void {
    for (const byte of data) {
      if (this.raw) this.ready.push(byte)
      else this.cook(byte)
    }
    this.wake?.()
  }

  /** The person is gone: readers get the end, programs the hang-up signal. */
  hangUp(): void {
    this.hungUp = true
    this.foreground?.signal('SIGHUP')
    this.wake?.()
  }

  get isHungUp(): boolean {
    return this.hungUp
  }

  resize(size: TerminalSize): void {
    this.size = size
    this.onResize?.()
    this.foreground?.signal('SIGWINCH')
  }

  /** Raw for a line editor, cooked for everyone else. What is typed ahead is kept. */
  setRaw(raw: boolean): void {
    if (this.raw === raw) return
    this.raw = raw
    if (raw) {
      this.ready.push(...this.line)
      this.line = []
    } else {
      const typedAhead = this.ready
      this.ready = []
      for (const byte of typedAhead) this.cook(byte)
    }
  }

  async read(max: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      signal.throwIfAborted()
      if (this.ready.length > 0) return Uint8Array.from(this.ready.splice(0, max))
      if (this.endRequested) {
        this.endRequested = false
        return undefined
      }
      if (this.hungUp) return undefined
      await this.waitForInput(signal)
    }
  }

  private waitForInput(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        if (this.wake === wake) this.wake = undefined
        reject(signal.reason)
      }
      const before = this.wake
      const wake = () => {
        this.wake = undefined
        signal.removeEventListener('abort', onAbort)
        before?.()
        resolve()
      }
      this.wake = wake
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  private cook(byte: number): void {
    switch (byte) {
      case INTERRUPT:
        this.interruptLine('^C')
        this.foreground?.signal('SIGINT')
        return
      case QUIT:
        this.interruptLine('^\\')
        this.foreground?.signal('SIGQUIT')
        return
      case SUSPEND:
        this.interruptLine('^Z')
        this.foreground?.signal('SIGTSTP')
        return
      case END:
        if (this.line.length === 0) this.endRequested = true
        else this.ready.push(...this.line)
        this.line = []
        return
      case DELETE:
      case BACKSPACE:
        this.eraseChar()
        return
      case KILL_LINE:
        while (this.line.length > 0) this.eraseChar()
        return
      case ERASE_WORD:
        while (this.line.at(-1) === 32) this.eraseChar()
        while (this.line.length > 0 && this.line.at(-1) !== 32) this.eraseChar()
        return
      case 13:
      case 10:
        if (this.echo) this.output(Uint8Array.of(13, 10))
        this.ready.push(...this.line, 10)
        this.line = []
        return
      default:
        this.line.push(byte)
        if (!this.echo) return
        if (byte < 32 && byte !== 9) this.output(Uint8Array.of(94, byte + 64))
        else this.output(Uint8Array.of(byte))
    }
  }

  private interruptLine(shown: string): void {
    if (this.echo) this.output(new TextEncoder().encode(shown))
    this.line = []
    this.ready = []
  }

  private eraseChar(): void {
    // One character of UTF-8 is a lead byte and the continuation bytes after it.
    let byte = this.line.pop()
    if (byte === undefined) return
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.line.pop()
    if (!this.echo) return
    const width = byte !== undefined && byte < 32 && byte !== 9 ? 2 : 1
    for (let index = 0; index < width; index++) this.output(Uint8Array.of(8, 32, 8))
  }
}

/** The terminal as an open file. */
export class TerminalFile extends OpenFile {
  private readonly device: TerminalDevice
  constructor(device: TerminalDevice) {
    super()
    this.device = device
  }
  override get terminal(): TerminalDevice {
    return this.device
  }
  protected override readMore(max: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.device.read(max, signal)
  }
  override async write(data: Uint8Array): Promise<void> {
    this.device.write(data)
  }
}
