// What the bundle contains of others, with their licences, read off esbuild's list of inputs.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './project.mjs'

/**
 * @param {import('esbuild').Metafile} metafile
 * @returns {Promise<string>} Markdown
 */
export async function thirdPartyNotices(metafile) {
  const used = new Set()
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
      if (folder !== undefined && bytesInOutput > 0) used.add(folder)
    }
  }
  const described = await Promise.all([...used].map(describe))
  // The same version may lie in several folders.
  const packages = [...new Map(described.map((found) => [found.title, found])).values()]
  packages.sort((a, b) => a.title.localeCompare(b.title, 'en'))
  return [
    '# Third-party notices',
    '',
    'The files in `dist/` contain code of these packages, under their own licences.',
    '',
    `- ${KUBERNETES.title}: ${KUBERNETES.license}`,
    ...packages.map(({ title, license }) => `- ${title}: ${license}`),
    ...[KUBERNETES, ...packages].flatMap(({ title, license, text }) => [
      '',
      `## ${title}`,
      '',
      `Licence: ${license}`,
      '',
      '```text',
      text,
      '```',
    ]),
    '',
  ].join('\n')
}

/** Not a package: the generated tables of src/simulator/api/schema. */
const KUBERNETES = {
  title: 'Kubernetes API definitions 1.32',
  license: 'Apache-2.0',
  text: 'Copyright The Kubernetes Authors.\n\nField names, types, descriptions and protobuf numbers of the Kubernetes API, converted into tables. The licence is the one in the file LICENSE.',
}

async function describe(folder) {
  const path = join(root, folder)
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
  const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ')
  if (license === undefined) throw new Error(`${folder} states no licence.`)
  const files = (await readdir(path)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
  const texts = await Promise.all(files.map((name) => readFile(join(path, name), 'utf8')))
  return {
    title: `${manifest.name} ${manifest.version}`,
    license: typeof license === 'string' ? license : license.type,
    text:
      texts.map((text) => text.trim().replaceAll('```', "'''")).join('\n\n') ||
      `The package carries no licence file. Author: ${nameOf(manifest.author) ?? 'see its repository'}.`,
  }
}

function nameOf(author) {
  return typeof author === 'string' ? author : author?.name
}
