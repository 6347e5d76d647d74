// `npm test`: installs and builds where that is needed, then runs the tests. Arguments go to vitest. The report that
// .ci/run counts from goes to .cache/test-report.json.
import './node-version.mjs'

const { prepare, PreparationError } = await import('./prepare.mjs')
const { run, tool } = await import('./project.mjs')
try {
  await prepare()
} catch (error) {
  if (!(error instanceof PreparationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(3)
}
const { code } = await run(process.execPath, [
  tool('vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  '--outputFile.json=.cache/test-report.json',
  ...process.argv.slice(2),
])
process.exit(code)
