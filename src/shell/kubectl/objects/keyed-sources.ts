import type { KubectlContext } from '../context.ts'
import type { FlagSpec, Flags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'

/** Where the values of config maps and secrets come from. */
export const SOURCE_FLAGS: readonly FlagSpec[] = [
  { name: 'append-hash', type: 'bool', refused: 'Choose the name yourself.' },
  { name: 'from-env-file', type: 'slice', refused: 'Use --from-literal or --from-file.' },
  { name: 'from-file', type: 'slice' },
  { name: 'from-literal', type: 'array' },
]

/**
 * The values that `--from-literal` and `--from-file` name, by key.
 *
 * @param owner what is made of them: `ConfigMap "web"`
 * @throws KubectlError for what cannot be read, and for a key that comes twice
 */
export async function keyedSources(
  context: KubectlContext,
  flags: Flags,
  owner: string,
): Promise<Record<string, string>> {
  const data: Record<string, string> = {}
  const add = (key: string, value: string) => {
    if (key in data) {
      throw new KubectlError(
        `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ${owner}`,
      )
    }
    data[key] = value
  }
  for (const literal of flags.list('from-literal')) {
    const equals = literal.indexOf('=')
    if (equals < 1) throw new KubectlError(`invalid literal source ${literal}, expected key=value`)
    add(literal.slice(0, equals), literal.slice(equals + 1))
  }
  for (const source of flags.list('from-file')) {
    const equals = source.indexOf('=')
    const path = equals === -1 ? source : source.slice(equals + 1)
    const content = await context.folder.read(path)
    const entries = content === undefined ? await context.folder.list(path) : undefined
    if (content !== undefined) {
      const key = equals === -1 ? (path.split('/').at(-1) ?? path) : source.slice(0, equals)
      add(key, content)
    } else if (entries === undefined) {
      throw new KubectlError(`error reading ${path}: no such file or directory`)
    } else if (equals !== -1) {
      throw new KubectlError('cannot give a key name for a directory path')
    } else {
      for (const entry of entries.filter((one) => one.kind === 'file')) {
        const file = `${path.replace(/\/+$/, '')}/${entry.name}`
        add(entry.name, (await context.folder.read(file)) ?? '')
      }
    }
  }
  return data
}
