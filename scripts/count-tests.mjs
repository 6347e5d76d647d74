// Prints `N passed, N failed, N skipped` from vitest's report of the last `npm test`. A report that is missing, or test
// files that could not even be loaded, are failures.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './project.mjs'

const report = await readFile(join(root, '.cache/test-report.json'), 'utf8').then(
  JSON.parse,
  () => undefined,
)
if (report === undefined) {
  process.stderr.write('The tests left no report in .cache/test-report.json.\n')
  process.stdout.write('0 passed, 1 failed, 0 skipped\n')
  process.exit(1)
}
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
)
for (const file of broken) process.stderr.write(`${file.name} could not be run.\n`)
const failed = report.numFailedTests + broken.length
const skipped = report.numPendingTests + report.numTodoTests
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = report.success && failed === 0 ? 0 : 1
