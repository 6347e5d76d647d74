const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** A width is read over. */
const CONVERSION = /%([-_0]?)\d*([\s\S]?)/g
/** The letters of strftime. */
const KNOWN = /^[aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%]$/

/**
 * strftime in UTC and the C locale, for what date(1) is asked. As musl's, it gives up at the first letter that it does not know: what
 * stands before is all there is. `gnu`: the nanoseconds of GNU date (`%N`) are known, and what is not stays as it is.
 */
export function formatDate(
  format: string,
  ms: number,
  options: { readonly gnu?: boolean } = {},
): string {
  if (options.gnu) return formatted(format, ms)
  const unknown = [...format.matchAll(CONVERSION)].find(([, , letter = '']) => !KNOWN.test(letter))
  return formatted(unknown === undefined ? format : format.slice(0, unknown.index), ms)
}

/** A number without what fills it up, or filled up otherwise. */
function padded(text: string, flag: string): string {
  const digits = text.replace(/^[ 0]+(?=\d)/, '')
  if (flag === '-') return digits
  return digits.padStart(text.length, flag === '_' ? ' ' : '0')
}

function formatted(format: string, ms: number): string {
  const when = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = DAYS[when.getUTCDay()] ?? ''
  const month = MONTHS[when.getUTCMonth()] ?? ''
  const converted = (letter: string, whole: string): string => {
    switch (letter) {
      case 'Y':
        return String(when.getUTCFullYear())
      case 'y':
        return two(when.getUTCFullYear() % 100)
      case 'm':
        return two(when.getUTCMonth() + 1)
      case 'd':
        return two(when.getUTCDate())
      case 'e':
        return String(when.getUTCDate()).padStart(2)
      case 'H':
        return two(when.getUTCHours())
      case 'I':
        return two(when.getUTCHours() % 12 || 12)
      case 'M':
        return two(when.getUTCMinutes())
      case 'S':
        return two(when.getUTCSeconds())
      case 'N':
        return String(Math.round((ms - Math.floor(ms / 1000) * 1000) * 1_000_000)).padStart(9, '0')
      case 'C':
        return two(Math.floor(when.getUTCFullYear() / 100))
      case 'k':
        return String(when.getUTCHours()).padStart(2)
      case 'l':
        return String(when.getUTCHours() % 12 || 12).padStart(2)
      case 'P':
        return when.getUTCHours() < 12 ? 'am' : 'pm'
      case 'r':
        return formatted('%I:%M:%S %p', ms)
      case 'X':
        return formatted('%T', ms)
      case 'x':
        return formatted('%D', ms)
      case 'U':
        return two(Math.floor((dayOfYear(when) + 7 - when.getUTCDay()) / 7))
      case 'W':
        return two(Math.floor((dayOfYear(when) + 7 - ((when.getUTCDay() + 6) % 7)) / 7))
      case 'G':
        return String(isoWeek(when).year)
      case 'g':
        return two(isoWeek(when).year % 100)
      case 'V':
        return two(isoWeek(when).week)
      case 'p':
        return when.getUTCHours() < 12 ? 'AM' : 'PM'
      case 's':
        return String(Math.floor(ms / 1000))
      case 'a':
        return day.slice(0, 3)
      case 'A':
        return day
      case 'b':
      case 'h':
        return month.slice(0, 3)
      case 'B':
        return month
      case 'j':
        return String(
          Math.floor((ms - Date.UTC(when.getUTCFullYear(), 0, 1)) / 86_400_000) + 1,
        ).padStart(3, '0')
      case 'u':
        return String(when.getUTCDay() || 7)
      case 'w':
        return String(when.getUTCDay())
      case 'Z':
        return 'UTC'
      case 'z':
        return '+0000'
      case 'F':
        return formatted('%Y-%m-%d', ms)
      case 'T':
        return formatted('%H:%M:%S', ms)
      case 'R':
        return formatted('%H:%M', ms)
      case 'D':
        return formatted('%m/%d/%y', ms)
      case 'c':
        return formatted('%a %b %e %H:%M:%S %Y', ms)
      case 'n':
        return '\n'
      case 't':
        return '\t'
      case '%':
        return '%'
      default:
        return whole
    }
  }
  return format.replace(CONVERSION, (whole: string, flag: string, letter: string) => {
    const text = converted(letter, whole)
    return flag === '' || !/^[ \d]*\d$/.test(text) ? text : padded(text, flag)
  })
}

/**
 * The time that a text of date -d or touch -d means, in UTC: `@SECONDS`, `YYYY-MM-DD[ hh:mm[:ss]]`, `YYYY.MM.DD-hh:mm[:ss]`,
 * `hh:mm[:ss]` of today, `[[[[YY]YY]MM]DD]hhmm[.ss]`; not a number where it means none.
 */
export function parseTime(text: string, now: number): number {
  if (/^@-?\d+$/.test(text)) return Number(text.slice(1)) * 1000
  const day = Math.floor(now / 86_400_000) * 86_400_000
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text)
  if (clock !== null)
    return (
      day + Number(clock[1]) * 3_600_000 + Number(clock[2]) * 60_000 + Number(clock[3] ?? 0) * 1000
    )
  const date = /^(\d{4})[-.](\d{1,2})[-.](\d{1,2})(?:[-T ](\d{1,2}):(\d\d)(?::(\d\d))?)?Z?$/.exec(
    text,
  )
  if (date !== null) {
    const [year = 0, month = 1, dayOfMonth = 1, hour = 0, minute = 0, second = 0] = date
      .slice(1)
      .map((part) => Number(part ?? 0))
    return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second)
  }
  const digits = /^(?:(\d{4}|\d{2})?(\d\d)(\d\d))?(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text)
  if (digits === null) return Number.NaN
  const today = new Date(now)
  const year =
    digits[1] === undefined
      ? today.getUTCFullYear()
      : Number(digits[1]) + (digits[1].length === 2 ? 2000 : 0)
  return Date.UTC(
    year,
    digits[2] === undefined ? today.getUTCMonth() : Number(digits[2]) - 1,
    digits[3] === undefined ? today.getUTCDate() : Number(digits[3]),
    Number(digits[4]),
    Number(digits[5]),
    Number(digits[6] ?? 0),
  )
}

/** From 0, the first of January. */
function dayOfYear(when: Date): number {
  const startMs = Date.UTC(when.getUTCFullYear(), 0, 1)
  return Math.floor((when.getTime() - startMs) / 86_400_000)
}

/** ISO 8601: a week belongs to the year that its Thursday is in. */
function isoWeek(when: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(when.getTime() + (4 - (when.getUTCDay() || 7)) * 86_400_000)
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor(dayOfYear(thursday) / 7) + 1,
  }
}
