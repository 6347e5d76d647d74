// Runs the test suite with other versions of Node: npm's packages `node-<platform>-<arch>` carry the binaries.
// Arguments are versions, `22 24` where none is given.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { prepare } from './prepare.mjs'
import { npm, run, tool } from './project.mjs'

const versions = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['22', '24']
const platform = process.platform === 'win32' ? 'win' : process.platform
let failed = 0
await prepare()
for (const version of versions) {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-node-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const name = `node-${platform}-${process.arch}`
    const installed = await npm(
      ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
      {
        cwd: folder,
        capture: true,
      },
    )
    if (installed.code !== 0)
      throw new Error(`npm could not install ${name}@${version}:\n${installed.output}`)
    const binary = join(
      folder,
      'node_modules',
      name,
      'bin',
      platform === 'win' ? 'node.exe' : 'node',
    )
    const { output } = await run(binary, ['--version'], { capture: true })
    process.stdout.write(`\n== Node ${output.trim()}\n`)
    // Programs that the tests start are started with the same Node.
    const env = { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ''}` }
    const { code } = await run(binary, [tool('vitest/vitest.mjs'), 'run'], { env })
    if (code !== 0) failed++
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
process.exitCode = failed === 0 ? 0 : 1
