import { describe, expect, it } from 'vitest'
import { parseCronSchedule } from '../../src/kube/cron-schedule.ts'

const at = (text: string) => Date.parse(text)
const nextOf = (schedule: string, after: string, zone?: string) => {
  const next = parseCronSchedule(schedule, zone).next(at(after))
  return next === undefined ? undefined : new Date(next).toISOString()
}

describe('a cron schedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00.000Z'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00.000Z'],
    ['0 9-17 * * mon-fri', '2026-01-02T17:00:00Z', '2026-01-05T09:00:00.000Z'],
    ['30 4 1,15 * 5', '2026-01-01T04:30:00Z', '2026-01-02T04:30:00.000Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['@hourly', '2026-01-01T00:59:59Z', '2026-01-01T01:00:00.000Z'],
    ['@every 90s', '2026-01-01T00:00:00Z', '2026-01-01T00:01:30.000Z'],
    ['5/20 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00.000Z'],
  ])('%s after %s is %s', (schedule, after, expected) => {
    expect(nextOf(schedule, after)).toBe(expected)
  })

  it('is read in its time zone, summer and winter', () => {
    expect(nextOf('0 8 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin')).toBe(
      '2026-01-01T07:00:00.000Z',
    )
    expect(nextOf('0 8 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe(
      '2026-07-01T06:00:00.000Z',
    )
  })

  it('that never comes has no next time', () => {
    expect(nextOf('0 0 31 2 *', '2026-01-01T00:00:00Z')).toBeUndefined()
  })

  it.each([
    ['hello', 'expected exactly 5 fields, found 1: [hello]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['@fortnightly', 'unrecognized descriptor: @fortnightly'],
  ])('%s is refused: %s', (schedule, problem) => {
    expect(() => parseCronSchedule(schedule)).toThrow(problem)
  })
})
