// Bundles src/cli/main.ts into dist/: one small entry and chunks that are loaded when they are needed. Also writes
// THIRD-PARTY-NOTICES.md for what went into the bundle. Both are made, not kept in git.
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './project.mjs'
import { thirdPartyNotices } from './third-party-notices.mjs'

// What CommonJS packages find around them: @xterm/headless and ws call require(), write-file-atomic reads __filename.
const COMMONJS =
  "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __toPath}from'node:url';" +
  'const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url);'

/**
 * @param {{entry?: string, out?: string}} [options]
 * @returns {Promise<import('esbuild').Metafile>}
 */
export async function bundle({ entry = 'src/cli/main.ts', out = join(root, 'dist') } = {}) {
  const [{ build }, { builtLessons }] = await Promise.all([
    import('esbuild'),
    import('./build/built-lessons.mjs'),
  ])
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  // Built beside the old one and swapped, so that a stopped build leaves the old one whole.
  const fresh = `${out}.${process.pid}`
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: { 'netpol-lab': entry },
      outdir: fresh,
      entryNames: '[name]',
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      charset: 'utf8',
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
      banner: { js: COMMONJS },
      plugins: [builtLessons({ root, banner: COMMONJS })],
      alias: {
        // Ink asks for it only with DEV=true.
        'react-devtools-core': join(root, 'scripts/build/no-devtools.mjs'),
        // The same with a short way for plain text: a third of the time to the first screen.
        'string-width': join(root, 'scripts/build/string-width.ts'),
        // The same for browsers: smaller, and it asks for no environment variable at every token.
        yaml: join(root, 'node_modules/yaml/browser/dist/index.js'),
        // For Node without a URL of its own; 350 KB of tables.
        'whatwg-url': join(root, 'scripts/build/no-whatwg-url.mjs'),
      },
      define: {
        'process.env.NODE_ENV': '"production"',
        'process.env.DEV': '"false"',
        // ws would look for native helpers in whatever node_modules is near.
        'process.env.WS_NO_BUFFER_UTIL': '"1"',
        'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
        NETPOL_LAB_VERSION: JSON.stringify(version),
      },
    })
    const main = join(fresh, 'netpol-lab.js')
    await writeFile(main, `#!/usr/bin/env node\n${await readFile(main, 'utf8')}`)
    await chmod(main, 0o755)
    await mkdir(out, { recursive: true })
    await rm(out, { recursive: true })
    await rename(fresh, out)
    return metafile
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Builds the package: dist/ and the notices. */
export async function buildPackage() {
  const metafile = await bundle()
  await writeFile(join(root, 'THIRD-PARTY-NOTICES.md'), await thirdPartyNotices(metafile))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = performance.now()
  await buildPackage()
  process.stderr.write(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`)
}
