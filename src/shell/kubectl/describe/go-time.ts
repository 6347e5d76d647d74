import { humanDuration } from '../../../kube/human-duration.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Mon, 02 Jan 2006 15:04:05 -0700` in the computer's zone, as Go's `time.RFC1123Z`. */
export function rfc1123z(timestamp: unknown): string {
  const date = parse(timestamp)
  const day = DAYS[date.getDay()] ?? ''
  const month = MONTHS[date.getMonth()] ?? ''
  return `${day}, ${two(date.getDate())} ${month} ${date.getFullYear()} ${clock(date)} ${offset(date)}`
}

/** `2006-01-02 15:04:05 -0700 MST`, as a Go time prints itself. */
export function goTimeString(timestamp: unknown): string {
  const date = parse(timestamp)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${clock(date)} ${offset(date)} ${zoneName(date)}`
}

/** How long ago, `5m3s`; `<unknown>` for the zero time. */
export function since(timestamp: unknown, nowMs: number): string {
  if (typeof timestamp !== 'string' || timestamp === '') return '<unknown>'
  return humanDuration(nowMs - Date.parse(timestamp))
}

/** The zero time of Go where there is none. */
function parse(timestamp: unknown): Date {
  return new Date(
    Date.parse(
      typeof timestamp === 'string' && timestamp !== '' ? timestamp : '0001-01-01T00:00:00Z',
    ),
  )
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

function zoneName(date: Date): string {
  if (date.getTimezoneOffset() === 0) return 'UTC'
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
  return /^[A-Z]+$/.test(name) ? name : offset(date)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
