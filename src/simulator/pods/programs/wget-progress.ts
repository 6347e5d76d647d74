/** The progress line of BusyBox (libbb/progress.c as it shows): name, percent, bar, size, time left. */
export function createProgressMeter(options: {
  readonly name: string
  readonly total: number | undefined
  readonly columns: number
  readonly now: () => number
}): { add(bytes: number): void; render(): string } {
  let bytes = 0
  const startedMs = options.now()
  return {
    add(count) {
      bytes += count
    },
    render() {
      const { total } = options
      const percent =
        total === undefined || total === 0 ? 100 : Math.min(100, Math.floor((100 * bytes) / total))
      const width = options.columns - 48
      const stars = '*'.repeat(Math.max(0, Math.floor((width * percent) / 100)))
      const bar = width > 0 ? `|${stars.padEnd(width)}|` : ''
      let size = bytes
      let unit = 0
      while (size >= 100_000) {
        size = Math.floor(size / 1024)
        unit++
      }
      const elapsed = Math.floor((options.now() - startedMs) / 1000)
      const left =
        total === undefined || bytes === 0
          ? 0
          : Math.max(0, Math.floor((total * elapsed) / bytes) - elapsed)
      const time = `${Math.floor(left / 3600)}:${two(Math.floor((left % 3600) / 60))}:${two(left % 60)} ETA`
      const name = options.name.slice(0, 20).padEnd(20)
      return `\r${name}${String(percent).padStart(4)}% ${bar}${String(size).padStart(6)}${' kMGTPEZY'[unit] ?? ''} ${time}`
    },
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
