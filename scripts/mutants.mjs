// `npm run test:mutants`: breaks the policy engine on purpose, one line at a time, in a copy of it, and expects the policy
// tests to notice each time. A mutant that nobody notices, or whose line is not there any more, makes this fail.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './node-version.mjs'
import { COPIED, mutants } from './mutants/list.mjs'
import { root, run, tool } from './project.mjs'

const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-mutants-'))
try {
  for (const path of COPIED) await cp(join(root, path), join(folder, path), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const plain = await test()
  if (plain.code !== 0) {
    process.stderr.write(
      `The tests fail without any mutant, so they prove nothing.\n${plain.output}`,
    )
    process.exitCode = 1
  } else {
    const rows = []
    for (const mutant of mutants) rows.push(await tryMutant(mutant))
    const width = Math.max(...rows.map(({ says }) => says.length))
    for (const { says, file, outcome, by } of rows) {
      console.log(
        `${outcome.padEnd(8)}  ${says.padEnd(width)}  ${file}${by === '' ? '' : `  (${by})`}`,
      )
    }
    const caught = rows.filter(({ outcome }) => outcome === 'caught').length
    console.log(`${caught} of ${rows.length} mutants caught`)
    process.exitCode = caught === rows.length ? 0 : 1
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function tryMutant({ says, file, line, instead }) {
  const path = join(folder, 'src/policy', file)
  const text = await readFile(path, 'utf8')
  const count = text.split(line).length - 1
  if (count !== 1) {
    return { says, file, outcome: 'missing', by: `its line is there ${count} times` }
  }
  await writeFile(
    path,
    text.replace(line, () => instead),
  )
  const { code, output } = await test()
  await writeFile(path, text)
  if (code === 0) return { says, file, outcome: 'SURVIVED', by: '' }
  const first =
    /(?:×|FAIL)\s+(?:test\/policy\/\S+ > )?(.+)/.exec(output)?.[1]?.replace(/\s*\d+ms\s*$/, '') ??
    ''
  return { says, file, outcome: 'caught', by: first.slice(0, 90) }
}

/** The quick policy tests: the suites of others and the long random runs are not needed for this. */
async function test() {
  return run(
    process.execPath,
    [tool('vitest/vitest.mjs'), 'run', '--bail=1', '--no-color', '--root', folder, 'test/policy'],
    {
      cwd: folder,
      capture: true,
      env: { ...process.env, POLICY_TEST_RUNS: '60', CONFORMANCE_DIR: join(folder, 'none') },
    },
  )
}
