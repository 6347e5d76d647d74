/*
 * Records what a real BusyBox prints to the scripts of test/simulator/pods/fixtures/busybox/*.scripts, into a .json beside each.
 *
 *   node scripts/busybox/record.mjs
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { busyboxVersion, readScripts, runBusybox } from './oracle.mjs'

const folder = new URL('../../test/simulator/pods/fixtures/busybox/', import.meta.url)
const version = busyboxVersion()
if (version === undefined) {
  process.stderr.write('record: there is no busybox on the PATH; Debian has it as busybox-static\n')
  process.exit(1)
}
for (const name of readdirSync(folder).filter((file) => file.endsWith('.scripts'))) {
  const recorded = []
  for (const { group, script } of readScripts(new URL(name, folder))) {
    recorded.push({ group, script, ...(await runBusybox(script)) })
  }
  const target = new URL(name.replace(/\.scripts$/, '.json'), folder)
  writeFileSync(target, `${JSON.stringify({ version, recorded }, null, 2)}\n`)
  process.stdout.write(`${fileURLToPath(target)}: ${recorded.length} scripts, ${version}\n`)
}
