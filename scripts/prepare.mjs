// Brings a clone to where it can run: dependencies installed, dist/ built. Does only what has to be done, and says so
// in one line each on stderr. Uses nothing outside of Node.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from './project.mjs'

const INSTALL_STAMP = join(root, 'node_modules', '.netpol-lab-lock')
const BUILD_STAMP = join(root, 'dist', '.stamp')

/** A reason to stop that is said in a sentence; nothing is wrong with the lab itself. */
export class PreparationError extends Error {}

/** Installs and builds where needed. */
export async function prepare() {
  await install()
  const wanted = sourceHash()
  if (stampOf(BUILD_STAMP) === wanted && existsSync(join(root, 'dist/netpol-lab.js'))) return
  say('Building the lab…')
  const { buildPackage } = await import('./build.mjs')
  await buildPackage()
  writeFileSync(BUILD_STAMP, wanted)
}

async function install() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const wanted = hash([lock])
  if (stampOf(INSTALL_STAMP) === wanted) return
  if (!isInstalled(JSON.parse(lock.toString('utf8')))) {
    say('Installing the dependencies (npm ci)…')
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
    let { code, output } = await npm(['ci', ...quiet], { capture: true })
    if (output.includes('EUSAGE')) {
      // npm ci wants every optional package of every platform in the lock file, also those that the registry which the lock
      // was made with does not carry. install takes the locked versions as well, and --no-save leaves the files alone.
      say('The lock file is not complete; installing what it names (npm install --no-save)…')
      const again = await npm(['install', '--no-save', ...quiet], { capture: true })
      code = again.code
      output = again.output
    }
    if (code !== 0) {
      throw new PreparationError(
        `npm could not install the dependencies. It said:\n${output.trim()}\nCheck the network and run the same command again.`,
      )
    }
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(INSTALL_STAMP, wanted)
}

/** Whether node_modules holds what the lock file names, as npm's own record of it says: somebody ran npm by hand. */
function isInstalled(lock) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const { packages } = JSON.parse(readFileSync(record, 'utf8'))
  return Object.entries(lock.packages).every(
    ([path, wanted]) =>
      path === '' || wanted.optional || packages[path]?.version === wanted.version,
  )
}

/** A hash of everything that the build reads. */
function sourceHash() {
  const files = ['package.json', 'package-lock.json', 'scripts/build.mjs']
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name).slice(root.length + 1))
  }
  return hash(files.sort().flatMap((file) => [file, readFileSync(join(root, file))]))
}

function hash(parts) {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('hex')
}

function stampOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function say(text) {
  process.stderr.write(`${text}\n`)
}
