import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { openInterrupts } from '../../src/platform/interrupts.ts'

describe('interrupts', () => {
  test('turn every signal into one abort and the second into a request to leave at once', () => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      const source = new EventEmitter()
      let second = 0
      const interrupts = openInterrupts({ source, onSecondSignal: () => second++ })
      source.emit(name)
      expect(interrupts.signal.reason).toMatchObject({ code: 'ERR_INTERRUPTED', exitCode: 130 })
      expect(second).toBe(0)
      source.emit('SIGINT')
      expect(second).toBe(1)
    }
  })

  test('close what is open, last first, whatever fails, once', async () => {
    const source = new EventEmitter()
    const interrupts = openInterrupts({ source, onSecondSignal: () => {} })
    const closed: string[] = []
    interrupts.onClose(() => closed.push('server'))
    interrupts.onClose(() => Promise.reject(new Error('broken')))
    const forget = interrupts.onClose(() => closed.push('taken back'))
    interrupts.onClose(async () => closed.push('watch'))
    forget()
    await expect(interrupts.close()).rejects.toThrow('broken')
    await expect(interrupts.close()).rejects.toThrow('broken')
    expect(closed).toEqual(['watch', 'server'])
    expect(source.listenerCount('SIGINT')).toBe(0)
  })
})
