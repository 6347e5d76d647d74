import { describe, expect, it } from 'vitest'
import { ContainerLog, SharedLines } from '../../../src/simulator/pods/container-log.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const clock = (() => {
  let ms = Date.UTC(2026, 0, 1)
  return { now: () => ms++, after: () => () => {}, sleep: async () => {} }
})()
const newLog = (lines = new SharedLines()) => new ContainerLog(clock, lines)

async function textOf(log: ContainerLog, options: { tailLines?: number } = {}): Promise<string> {
  let text = ''
  for await (const part of log.read({ follow: false, ...options })) text += part
  return text
}

describe('the log of a container', () => {
  it('puts a sign together whose bytes come apart', async () => {
    const log = newLog()
    const data = bytes('grün €\n🙂\n')
    for (const byte of data) log.append(Uint8Array.of(byte))
    expect(await textOf(log)).toBe('grün €\n🙂\n')
  })

  it('keeps bytes that are no text as the sign for that, also at the very end', async () => {
    const log = newLog()
    log.append(Uint8Array.of(0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82))
    log.end()
    expect(await textOf(log)).toBe('a\ufffdb\n\ufffd')
  })

  it('keeps a mark of byte order where it stands', async () => {
    const log = newLog()
    log.append(bytes('\ufeffa\n'))
    expect(await textOf(log)).toBe('\ufeffa\n')
  })

  it('adds to a line that has not ended, with the time of its first part', async () => {
    const log = newLog()
    log.append(bytes('one '))
    log.append(bytes('two\nthree'))
    expect(await textOf(log)).toBe('one two\nthree')
    expect(await textOf(log, { tailLines: 1 })).toBe('three')
  })

  it('follows without a gap where the oldest lines are dropped meanwhile', async () => {
    const log = newLog()
    const lines = Array.from({ length: 25_000 }, (_none, at) => `line ${at}\n`)
    const append = (some: readonly string[]) => {
      for (const line of some) log.append(bytes(line))
    }
    append(lines.slice(0, 15_000))
    const reader = log.read({ follow: true })
    for (let read = 0; read < 12_000; read++) await reader.next()
    append(lines.slice(15_000))
    log.end()
    const seen: string[] = []
    for await (const part of reader) seen.push(part)
    expect(seen).toEqual(lines.slice(12_000))
  })

  it('goes on with the oldest line that is left where a reader was too slow', async () => {
    const log = newLog()
    const reader = log.read({ follow: true })
    log.append(bytes('line 0\n'))
    expect((await reader.next()).value).toBe('line 0\n')
    const rest = Array.from({ length: 20_500 }, (_none, at) => `line ${at + 1}\n`)
    for (const line of rest) log.append(bytes(line))
    log.end()
    const seen: string[] = []
    for await (const part of reader) seen.push(part)
    expect(seen.length).toBeGreaterThan(15_000)
    expect(seen).toEqual(rest.slice(-seen.length))
  })

  it('shares a line with the logs of other containers', () => {
    const lines = new SharedLines()
    for (const log of [newLog(lines), newLog(lines)]) log.append(bytes('ready\n'))
    expect(lines.size).toBe(1)
    // Of many different lines only the latest are remembered: it grows no further.
    for (let at = 0; at < 5_000; at++) lines.share(`line ${at}\n`)
    expect(lines.size).toBeLessThanOrEqual(512)
  })
})
