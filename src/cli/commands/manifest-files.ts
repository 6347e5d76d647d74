import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { type ManifestObject, type ManifestProblem, readManifest } from '../../kube/manifest.ts'
import type { KubeObject, NetworkPolicy } from '../../kube/objects.ts'
import { validateNetworkPolicy } from '../../policy/validate.ts'

const EXTENSIONS = ['.yaml', '.yml', '.json']

/**
 * The objects of `-f` names: files, folders (their own files, as kubectl without `-R`), and `-` for stdin.
 *
 * @throws LabError ERR_USAGE that lists every mistake with file and line. Then nothing is used, so that no answer is given for a
 * part of what was meant.
 */
export async function readManifestFiles(
  names: readonly string[],
): Promise<readonly ManifestObject[]> {
  const objects: ManifestObject[] = []
  const problems: ManifestProblem[] = []
  for (const name of names) {
    for (const { file, text } of await textsOf(name)) {
      const manifest = readManifest(text, file)
      problems.push(...manifest.problems, ...manifest.objects.flatMap(policyProblems))
      objects.push(...manifest.objects)
    }
  }
  if (problems.length > 0) {
    const [first] = problems
    const lines = problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)
    throw new LabError(
      'ERR_USAGE',
      lines.length === 1 && first !== undefined
        ? `${first.file} cannot be used.`
        : 'These manifests cannot be used.',
      {
        why: lines.join('\n'),
        next: ['Correct this; nothing of the other objects was used either.'],
      },
    )
  }
  if (objects.length === 0) {
    throw new LabError('ERR_USAGE', `There is no object in ${names.join(', ')}.`)
  }
  return objects
}

async function textsOf(
  name: string,
): Promise<readonly { readonly file: string; readonly text: string }[]> {
  if (name === '-') return [{ file: 'stdin', text: await readStdin() }]
  try {
    if (!(await stat(name)).isDirectory())
      return [{ file: name, text: await readFile(name, 'utf8') }]
    const entries = await readdir(name, { withFileTypes: true })
    const files = entries
      .filter(
        (entry) =>
          !entry.isDirectory() && EXTENSIONS.some((extension) => entry.name.endsWith(extension)),
      )
      .map((entry) => join(name, entry.name))
      .sort()
    if (files.length === 0) {
      throw new LabError(
        'ERR_USAGE',
        `The folder ${name} has no file that ends in ${EXTENSIONS.join(', ')}.`,
      )
    }
    return await Promise.all(
      files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })),
    )
  } catch (error) {
    if (error instanceof LabError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new LabError('ERR_USAGE', `${name} cannot be read: ${why}.`, { cause: error })
  }
}

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of process.stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** What an API server would refuse in a policy, at its line. */
function policyProblems({ object, file, lineOf }: ManifestObject): readonly ManifestProblem[] {
  if (!isNetworkPolicy(object)) return []
  return validateNetworkPolicy(object).map(({ field, message }) => ({
    file,
    line: lineOf(pathOf(field)),
    message: `NetworkPolicy ${object.metadata.name}: ${field}: ${message}.`,
  }))
}

/** `spec.ingress[0].ports` as a path. */
function pathOf(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) =>
    index === undefined ? word : Number(index),
  )
}

/** The shape was checked when the manifest was read. */
export function isNetworkPolicy(object: KubeObject): object is NetworkPolicy {
  return object.kind === 'NetworkPolicy' && object.apiVersion === 'networking.k8s.io/v1'
}
