import { apiVersionOf, groupResource, type KindInfo } from '../../../kube/kinds.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { alignTabs } from '../print/tab-writer.ts'

/** `kubectl api-resources`. */
export const apiResourcesCommand: KubectlCommand = {
  name: 'api-resources',
  summary: 'Print the supported API resources on the server',
  usage: 'kubectl api-resources [flags]',
  words: 'none',
  flags: [
    { name: 'api-group', type: 'string' },
    { name: 'cached', type: 'bool' },
    { name: 'categories', type: 'slice' },
    { name: 'namespaced', type: 'bool', default: 'true' },
    { name: 'no-headers', type: 'bool' },
    { name: 'output', short: 'o', type: 'string', values: ['name', 'wide'] },
    { name: 'sort-by', type: 'string', values: ['kind', 'name'] },
    { name: 'verbs', type: 'slice' },
  ],
  run: runApiResources,
}

async function runApiResources(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) {
    throw usageError('kubectl api-resources', `unexpected arguments: [${positionals.join(' ')}]`)
  }
  const output = flags.string('output')
  if (!['', 'name', 'wide'].includes(output))
    throw new KubectlError(`--output ${output} is not available`)
  const sortBy = flags.string('sort-by')
  if (!['', 'name', 'kind'].includes(sortBy)) {
    throw new KubectlError('--sort-by accepts only name or kind')
  }
  const kinds = (await context.kinds.served()).filter((kind) => fits(kind, flags))
  const sorted = [...kinds].sort((a, b) => compareKinds(a, b, sortBy))
  if (output === 'name') {
    context.out(sorted.map((kind) => `${groupResource(kind)}\n`).join(''))
    return 0
  }
  const rows = sorted.map((kind) => [
    kind.plural,
    kind.shortNames.join(','),
    apiVersionOf(kind),
    String(kind.namespaced),
    kind.kind,
    ...(output === 'wide' ? [kind.verbs.join(','), kind.categories.join(',')] : []),
  ])
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']
  if (output === 'wide') header.push('VERBS', 'CATEGORIES')
  if (!flags.bool('no-headers')) rows.unshift(header)
  if (rows.length > 0) context.out(alignTabs(`${rows.map((row) => row.join('\t')).join('\n')}\n`))
  return 0
}

function fits(kind: KindInfo, flags: Flags): boolean {
  if (flags.has('api-group') && kind.group !== flags.string('api-group')) return false
  if (flags.has('namespaced') && kind.namespaced !== flags.bool('namespaced')) return false
  if (kind.verbs.length === 0) return false
  const has = (own: readonly string[], wanted: readonly string[]) =>
    wanted.every((one) => own.includes(one))
  return has(kind.verbs, flags.list('verbs')) && has(kind.categories, flags.list('categories'))
}

function compareKinds(a: KindInfo, b: KindInfo, sortBy: string): number {
  const by = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  if (sortBy === 'kind') return by(a.kind, b.kind)
  return (sortBy === 'name' ? 0 : by(a.group, b.group)) || by(a.plural, b.plural)
}
