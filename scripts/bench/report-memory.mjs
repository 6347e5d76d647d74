// Loaded before a program: writes down its peak memory in KB when it ends.
import { writeFileSync } from 'node:fs'

const { BENCH_MEMORY_FILE: file } = process.env
if (file !== undefined) {
  process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
}
