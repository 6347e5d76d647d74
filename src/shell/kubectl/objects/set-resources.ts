import type { KubectlCommand } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { record } from '../values.ts'
import { changeTemplates, containersOf, SET_FLAGS } from './set-template.ts'

/** `kubectl set resources` (`kubectl/pkg/cmd/set/set_resources.go`). */
export const setResourcesCommand: KubectlCommand = {
  name: 'set resources',
  summary: 'Update resource requests/limits on objects with pod templates',
  usage: 'kubectl set resources (-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]',
  words: 'objects',
  flags: [
    ...SET_FLAGS,
    { name: 'containers', short: 'c', type: 'string', default: '*' },
    { name: 'limits', type: 'string' },
    { name: 'requests', type: 'string' },
  ],
  async run(context, given) {
    const { flags, positionals } = given
    if (flags.string('limits') === '' && flags.string('requests') === '') {
      throw new KubectlError(
        'you must specify an update to requests or limits (in the form of --requests/--limits)',
      )
    }
    const limits = parseQuantities(flags.string('limits'))
    const requests = parseQuantities(flags.string('requests'))
    return changeTemplates(context, given, {
      words: positionals,
      operation: 'resource requirements updated',
      failing: 'failed to patch resources update to pod template',
      change(podSpec) {
        const containers = containersOf(podSpec, flags.string('containers'))
        if (containers.length === 0) {
          throw new KubectlError(`unable to find container named ${flags.string('containers')}`)
        }
        for (const container of containers) {
          const now = record(container.resources)
          container.resources = {
            ...now,
            ...merged('limits', now.limits, limits),
            ...merged('requests', now.requests, requests),
          }
        }
      },
    })
  },
}

function merged(field: string, now: unknown, wanted: Record<string, string>) {
  return Object.keys(wanted).length === 0 ? {} : { [field]: { ...record(now), ...wanted } }
}

/** `cpu=200m,memory=64Mi`. @throws KubectlError */
function parseQuantities(list: string): Record<string, string> {
  if (list === '') return {}
  return Object.fromEntries(
    list.split(',').map((pair) => {
      const parts = pair.split('=')
      const [name = '', quantity = ''] = parts
      if (parts.length !== 2) {
        throw new KubectlError(`invalid argument syntax ${pair}, expected <resource>=<value>`)
      }
      if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?$/.test(quantity)) {
        throw new KubectlError(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        )
      }
      return [name, quantity]
    }),
  )
}
