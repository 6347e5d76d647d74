import { describe, expect, it } from 'vitest'
import { createKeyDecoder, type InputEvent } from '../../../src/tui/input/key-decoder.ts'
import { createManualClock } from '../support/manual-clock.ts'

function decode(...chunks: (string | number)[]) {
  const clock = createManualClock()
  const events: InputEvent[] = []
  const decoder = createKeyDecoder({ clock, onEvent: (event) => events.push(event) })
  for (const chunk of chunks) {
    if (typeof chunk === 'number') clock.advance(chunk)
    else decoder.feed(chunk)
  }
  return events.map((event) =>
    event.kind === 'paste' ? `paste ${JSON.stringify(event.text)}` : event.name,
  )
}

describe('key decoder', () => {
  it('names letters, digits, signs and characters of several bytes', () => {
    expect(decode('a7?ü漢')).toEqual(['a', '7', '?', 'ü', '漢'])
  })

  it('names control keys', () => {
    expect(decode('\r', '\t', '\x7f', ' ', '\x03', '\x0c')).toEqual([
      'enter',
      'tab',
      'backspace',
      'space',
      'ctrl-c',
      'ctrl-l',
    ])
  })

  it.each([
    ['\x1b[A', 'up'],
    ['\x1bOB', 'down'],
    ['\x1b[5~', 'page-up'],
    ['\x1b[6~', 'page-down'],
    ['\x1b[H', 'home'],
    ['\x1b[4~', 'end'],
    ['\x1b[Z', 'shift-tab'],
    ['\x1b[1;5C', 'other'],
    ['\x1bb', 'alt-b'],
  ])('knows the sequence %j', (bytes, name) => {
    expect(decode(bytes)).toEqual([name])
  })

  it('keeps the bytes of a key as they came', () => {
    const events: InputEvent[] = []
    const decoder = createKeyDecoder({
      clock: createManualClock(),
      onEvent: (event) => events.push(event),
    })
    decoder.feed('\x1b[1;5Cx')
    expect(events.map((event) => (event.kind === 'key' ? event.raw : ''))).toEqual([
      '\x1b[1;5C',
      'x',
    ])
  })

  it('takes a lone ESC byte for Esc only after 50 ms', () => {
    expect(decode('\x1b', 49)).toEqual([])
    expect(decode('\x1b', 50)).toEqual(['escape'])
  })

  it('joins a sequence that comes in pieces', () => {
    expect(decode('\x1b', 20, '[', 20, 'A', 100)).toEqual(['up'])
  })

  it('gives out Esc and the rest when a sequence stays unfinished', () => {
    expect(decode('\x1b[', 60)).toEqual(['escape', '['])
  })

  it('reads two ESC bytes as two Esc keys', () => {
    expect(decode('\x1b\x1b', 60)).toEqual(['escape', 'escape'])
  })

  it('gives a bracketed paste as one event, also in pieces, and never as keys', () => {
    expect(decode('a\x1b[200~q\x1b[A\r', 'x\x1b[20', '1~b')).toEqual([
      'a',
      'paste "q\\u001b[A\\rx"',
      'b',
    ])
  })

  it('takes text with two line ends in one read for a paste where the terminal does not mark it', () => {
    expect(decode('kubectl get pods\rkubectl get svc\r')).toEqual([
      'paste "kubectl get pods\\rkubectl get svc\\r"',
    ])
    expect(decode('\r\r')).toEqual(['enter', 'enter'])
    expect(decode('ls\r')).toEqual(['l', 's', 'enter'])
  })
})
