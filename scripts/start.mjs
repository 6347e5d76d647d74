// `npm start`: installs and builds where that is needed, then becomes `netpol-lab start`. The program runs in this
// process, so that the terminal, signals and exit code are its own.
import './node-version.mjs'

const { prepare, PreparationError } = await import('./prepare.mjs')
try {
  await prepare()
} catch (error) {
  if (!(error instanceof PreparationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(3)
}
const program = new URL('../dist/netpol-lab.js', import.meta.url)
const { fileURLToPath } = await import('node:url')
process.argv = [process.execPath, fileURLToPath(program), 'start', ...process.argv.slice(2)]
await import(program.href)
