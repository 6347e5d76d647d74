import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles TypeScript that imports from `src/` (paths relative to the repository) into one program, so that a test can run it in a process of its own.
 * Returns the path of the program.
 */
export async function bundleProgram(folder: string, name: string, source: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`)
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outfile,
    logLevel: 'error',
    // Some libraries are CommonJS and look at these.
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'
const require = makeRequire(import.meta.url)
const __filename = ${JSON.stringify(outfile)}
const __dirname = ${JSON.stringify(folder)}`,
    },
  })
  return outfile
}
