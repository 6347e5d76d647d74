/** When a cron job runs. Times are milliseconds since the epoch. */
export interface CronSchedule {
  /** The first time after that one; `undefined` where there is none within five years. */
  next(after: number): number | undefined
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const YEARS = 5

interface Bounds {
  readonly low: number
  readonly high: number
  readonly names?: Readonly<Record<string, number>>
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTES: Bounds = { low: 0, high: 59 }
const HOURS: Bounds = { low: 0, high: 23 }
const DAYS_OF_MONTH: Bounds = { low: 1, high: 31 }
const MONTH_NUMBERS: Bounds = {
  low: 1,
  high: 12,
  names: Object.fromEntries(MONTHS.map((name, index) => [name, index + 1])),
}
const DAYS_OF_WEEK: Bounds = {
  low: 0,
  high: 6,
  names: Object.fromEntries(DAYS.map((name, index) => [name, index])),
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** A schedule that cannot be read; message as github.com/robfig/cron words it, since the API server passes it on. */
export class CronError extends Error {
  override readonly name = 'CronError'
}

/**
 * Reads a schedule of five fields or a descriptor such as `@hourly`: models ParseStandard of github.com/robfig/cron v3.
 * @param timeZone name of the IANA data base; @default UTC
 * @throws CronError
 */
export function parseCronSchedule(text: string, timeZone = 'UTC'): CronSchedule {
  if (text === '') throw new CronError('empty spec string')
  if (text.startsWith('@every ')) return every(text)
  if (text.startsWith('@') && DESCRIPTORS[text] === undefined) {
    throw new CronError(`unrecognized descriptor: ${text}`)
  }
  const fields = (DESCRIPTORS[text] ?? text).split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = parseField(minute, MINUTES)
  const hours = parseField(hour, HOURS)
  const days = parseField(day, DAYS_OF_MONTH)
  const months = parseField(month, MONTH_NUMBERS)
  const weekdays = parseField(weekday, DAYS_OF_WEEK)
  const offsetAt = zoneOffset(timeZone)

  const isDay = (date: Date): boolean => {
    if (!months.has(date.getUTCMonth() + 1)) return false
    const byDay = days.has(date.getUTCDate())
    const byWeekday = weekdays.has(date.getUTCDay())
    // Two days that are both named are alternatives.
    return isStar(day) || isStar(weekday) ? byDay && byWeekday : byDay || byWeekday
  }
  return {
    next(after) {
      const local = after + offsetAt(after)
      const first = Math.floor(local / MINUTE_MS) * MINUTE_MS + MINUTE_MS
      const today = Math.floor(first / DAY_MS) * DAY_MS
      for (let start = today; start < today + YEARS * 366 * DAY_MS; start += DAY_MS) {
        if (!isDay(new Date(start))) continue
        for (let hourOf = 0; hourOf < 24; hourOf += 1) {
          if (!hours.has(hourOf)) continue
          for (let minuteOf = 0; minuteOf < 60; minuteOf += 1) {
            const time = start + (hourOf * 60 + minuteOf) * MINUTE_MS
            if (time >= first && minutes.has(minuteOf))
              return time - offsetAt(time - offsetAt(time))
          }
        }
      }
      return undefined
    },
  }
}

function every(text: string): CronSchedule {
  const given = text.slice('@every '.length)
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== given) {
    throw new CronError(
      `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(given)}`,
    )
  }
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  const sum = parts.reduce(
    (total, part) => total + Number(part[1]) * (units[part[2] ?? ''] ?? 0),
    0,
  )
  const step = Math.max(1000, Math.floor(sum / 1000) * 1000)
  return { next: (after) => Math.floor(after / 1000) * 1000 + step }
}

function isStar(field: string): boolean {
  return field.split(',').some((part) => /^[*?](\/1)?$/.test(part) || /^[*?]\//.test(part))
}

function parseField(field: string, bounds: Bounds): ReadonlySet<number> {
  const values = new Set<number>()
  for (const part of field.split(',').filter((entry) => entry !== '')) {
    for (const value of parseRange(part, bounds)) values.add(value)
  }
  return values
}

function parseRange(text: string, bounds: Bounds): readonly number[] {
  const [range = '', ...steps] = text.split('/')
  const ends = range.split('-')
  const single = ends.length === 1
  let low: number
  let high: number
  if (range === '*' || range === '?') {
    low = bounds.low
    high = bounds.high
  } else {
    if (ends.length > 2) throw new CronError(`too many hyphens: ${text}`)
    low = parseNumber(ends[0] ?? '', bounds.names)
    high = single ? low : parseNumber(ends[1] ?? '', bounds.names)
  }
  if (steps.length > 1) throw new CronError(`too many slashes: ${text}`)
  let step = 1
  if (steps.length === 1) {
    step = parseNumber(steps[0] ?? '')
    // `N/step` goes on to the end.
    if (single && range !== '*' && range !== '?') high = bounds.high
  }
  if (low < bounds.low) {
    throw new CronError(`beginning of range (${low}) below minimum (${bounds.low}): ${text}`)
  }
  if (high > bounds.high) {
    throw new CronError(`end of range (${high}) above maximum (${bounds.high}): ${text}`)
  }
  if (low > high) {
    throw new CronError(`beginning of range (${low}) beyond end of range (${high}): ${text}`)
  }
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`)
  const values: number[] = []
  for (let value = low; value <= high; value += step) values.push(value)
  return values
}

function parseNumber(text: string, names: Readonly<Record<string, number>> = {}): number {
  const named = names[text.toLowerCase()]
  if (named !== undefined) return named
  if (!/^[+-]?\d+$/.test(text)) {
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  const value = Number(text)
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`)
  return value
}

/**
 * How far local time is ahead of UTC, in milliseconds, at an instant.
 * @throws CronError for a zone that nobody knows
 */
function zoneOffset(timeZone: string): (at: number) => number {
  if (timeZone === 'UTC' || timeZone === 'Etc/UTC') return () => 0
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw new CronError(`unknown time zone ${timeZone}`)
  }
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const local = Date.UTC(
      of('year'),
      of('month') - 1,
      of('day'),
      of('hour'),
      of('minute'),
      of('second'),
    )
    return local - Math.floor(at / 1000) * 1000
  }
}
