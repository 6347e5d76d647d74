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

/** strftime in UTC and the C locale, for what date(1) is asked. */
export function formatDate(format: string, ms: number): string {
  const when = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = DAYS[when.getUTCDay()] ?? ''
  const month = MONTHS[when.getUTCMonth()] ?? ''
  return format.replace(/%(.)/g, (whole, letter: string) => {
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
        return formatDate('%Y-%m-%d', ms)
      case 'T':
        return formatDate('%H:%M:%S', ms)
      case 'R':
        return formatDate('%H:%M', ms)
      case 'D':
        return formatDate('%m/%d/%y', ms)
      case 'c':
        return formatDate('%a %b %e %H:%M:%S %Y', ms)
      case 'n':
        return '\n'
      case 't':
        return '\t'
      case '%':
        return '%'
      default:
        return whole
    }
  })
}
