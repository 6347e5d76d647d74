import { EventEmitter } from 'node:events'
import type { TerminalSize } from '../../kube/client.ts'

/** The writer that Ink draws into. In Ink's debug mode every write is one whole frame. */
export interface Canvas extends EventEmitter {
  columns: number
  rows: number
  isTTY: boolean
  write(frame: string): boolean
}

export function createCanvas(size: TerminalSize, onFrame: (frame: string) => void): Canvas {
  return Object.assign(new EventEmitter(), {
    columns: size.columns,
    rows: size.rows,
    isTTY: true,
    write: (frame: string) => {
      onFrame(frame)
      return true
    },
  })
}

/** The canvas as the stream that Ink asks for: it uses no more of one than a canvas has. */
export function asInkOutput(canvas: Canvas): NodeJS.WriteStream {
  return canvas as NodeJS.WriteStream
}

/** An input that never says anything: keys are decoded by the lab, not by Ink. */
export function silentInput(): NodeJS.ReadStream {
  return new EventEmitter() as NodeJS.ReadStream
}
