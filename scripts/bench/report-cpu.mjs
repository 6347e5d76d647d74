// Loaded before a program: writes down the milliseconds that it took on the processor, when it ends.
import { writeFileSync } from 'node:fs'

const { BENCH_CPU_FILE: file } = process.env
if (file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    writeFileSync(file, String((user + system) / 1000))
  })
}
