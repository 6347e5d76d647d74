// Packs the package as npm would publish it, looks at what is in it, installs it into an empty folder and plays a
// lesson from there. Nothing is downloaded: the package has no dependencies.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { npm, root, run } from './project.mjs'

const problems = []
const { version, bin, dependencies } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
)
const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-package-'))
try {
  const packed = await npm(['pack', '--json', '--silent', '--pack-destination', folder], {
    capture: true,
  })
  if (packed.code !== 0) throw new Error(`npm pack failed:\n${packed.output}`)
  // Warnings of npm may stand in front of its JSON.
  const [{ filename, files, size, unpackedSize }] = JSON.parse(
    packed.output.slice(packed.output.indexOf('[\n')),
  )
  check(
    'dependencies',
    Object.keys(dependencies ?? {}).length === 0,
    'the bundle needs no package at run time',
  )
  await checkList(files.map(({ path }) => path))

  const app = join(folder, 'app')
  await npmInstall(app, join(folder, filename))
  const program = join(app, 'node_modules', 'netpol-lab', bin['netpol-lab'])
  const env = { ...process.env, NETPOL_LAB_HOME: join(folder, 'home') }
  const asked = await run(process.execPath, [program, '--version'], {
    cwd: app,
    env,
    capture: true,
  })
  check('--version', asked.code === 0 && asked.output.trim() === version, asked.output.trim())
  const played = await run(process.execPath, [program, 'run', 'deny-egress'], {
    cwd: app,
    env,
    capture: true,
  })
  check('run deny-egress', played.code === 0, lastLines(played.output))
  process.stdout.write(
    `${files.length} files, ${(size / 1024).toFixed(0)} KB packed, ${(unpackedSize / 1024 / 1024).toFixed(1)} MB unpacked\n`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
if (problems.length > 0) process.exitCode = 1

/** The list is exact: nothing else, and nothing of it missing. */
async function checkList(paths) {
  const wanted = [
    'package.json',
    'README.md',
    'LICENSE',
    'THIRD-PARTY-NOTICES.md',
    'dist/netpol-lab.js',
  ]
  const chunks = await filesBelow('dist/chunks')
  const lessons = await filesBelow('lessons')
  const all = new Set([...wanted, ...chunks, ...lessons])
  const extra = paths.filter((path) => !all.has(path))
  const missing = [...all].filter((path) => !paths.includes(path))
  check('no other files', extra.length === 0, extra.join(', '))
  check('all its files', missing.length === 0, missing.join(', '))
}

async function filesBelow(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

async function npmInstall(app, file) {
  const { mkdir } = await import('node:fs/promises')
  await mkdir(app)
  await writeFile(join(app, 'package.json'), '{ "private": true }\n')
  const { code, output } = await npm(
    ['install', '--no-save', '--offline', '--no-audit', '--no-fund', file],
    {
      cwd: app,
      capture: true,
    },
  )
  check('installs', code === 0, code === 0 ? '' : output)
}

function check(name, ok, detail) {
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${name}${ok || detail === '' ? '' : `: ${detail}`}\n`,
  )
  if (!ok) problems.push(name)
}

function lastLines(text) {
  return text.trimEnd().split('\n').slice(-15).join('\n')
}
