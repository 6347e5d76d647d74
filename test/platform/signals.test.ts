import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { openSignals } from '../../src/platform/signals.ts'

describe('signals', () => {
  test('turn every signal into one abort and the second into a request to leave at once', () => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      const source = new EventEmitter()
      let second = 0
      const signals = openSignals({ source, onSecondSignal: () => second++ })
      source.emit(name)
      expect(signals.signal.reason).toMatchObject({ code: 'ERR_INTERRUPTED', exitCode: 130 })
      expect(second).toBe(0)
      source.emit('SIGINT')
      expect(second).toBe(1)
    }
  })

  test('close what is open, last first, whatever fails, once', async () => {
    const source = new EventEmitter()
    const signals = openSignals({ source, onSecondSignal: () => {} })
    const closed: string[] = []
    signals.onClose(() => closed.push('server'))
    signals.onClose(() => Promise.reject(new Error('broken')))
    const forget = signals.onClose(() => closed.push('taken back'))
    signals.onClose(async () => closed.push('watch'))
    forget()
    await expect(signals.close()).rejects.toThrow('broken')
    await expect(signals.close()).rejects.toThrow('broken')
    expect(closed).toEqual(['watch', 'server'])
    expect(source.listenerCount('SIGINT')).toBe(0)
  })
})
