// Writes docs/keys.md from the table of keys in src/tui/keys.ts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './project.mjs'

const INTRO = `# Keys

One table in the code feeds the handler, the keys row, the help screen, the \`:\` words and this page. "lesson" is every place except the
terminal. A key that cannot work now says why in the \`Last\` line.

`

const folder = await mkdtemp(join(root, 'node_modules', '.keys-'))
try {
  const outfile = join(folder, 'keys.mjs')
  await build({
    entryPoints: [join(root, 'src/tui/keys.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  })
  const { keysMarkdown } = await import(pathToFileURL(outfile).href)
  await writeFile(join(root, 'docs', 'keys.md'), `${INTRO}${keysMarkdown()}`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
