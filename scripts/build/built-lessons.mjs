// Puts the lessons that come with the program into the bundle, read and judged: src/lessons/built-lessons.ts is empty, and what
// stands in its place is made here. A lesson whose files were changed since is read as any other.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * @param {{root: string, banner: string}} options `banner` is what CommonJS packages need around them
 * @returns {import('esbuild').Plugin}
 */
export function builtLessons({ root, banner }) {
  return {
    name: 'built-lessons',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]src[\\/]lessons[\\/]built-lessons\.ts$/ }, async () => {
        const lessons = await readLessons({ root, banner })
        return {
          loader: 'js',
          contents: `export const BUILT_LESSONS = JSON.parse(${JSON.stringify(JSON.stringify(lessons))})`,
        }
      })
    },
  }
}

async function readLessons({ root, banner }) {
  const outfile = join(root, `.cache/read-lessons.${process.pid}.mjs`)
  try {
    await build({
      absWorkingDir: root,
      entryPoints: ['scripts/build/read-lessons.ts'],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
      banner: { js: banner },
    })
    const module = await import(pathToFileURL(outfile).href)
    return await module.readLessons(join(root, 'lessons'))
  } finally {
    await rm(outfile, { force: true })
  }
}
