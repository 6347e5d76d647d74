import { FILE_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { toGoJson } from '../print/go-json.ts'
import { toGoYaml } from '../print/go-yaml.ts'
import { readTarget, resolveTargets, targetsOf } from '../targets.ts'
import { lastAppliedOf } from './last-applied.ts'

/** `kubectl apply view-last-applied`. */
export const viewLastAppliedCommand: KubectlCommand = {
  name: 'apply view-last-applied',
  summary: 'View the latest last-applied-configuration annotations of a resource/object',
  usage: 'kubectl apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  words: 'objects',
  flags: [
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    { name: 'all', type: 'bool' },
    { name: 'output', short: 'o', type: 'string', default: 'yaml', values: ['json', 'yaml'] },
  ],
  async run(context, { flags, positionals }) {
    const output = flags.string('output')
    if (output !== 'json' && output !== 'yaml') {
      throw new KubectlError(
        `Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json\nSee 'view-last-applied -h' for help and examples`,
      )
    }
    const resolved = await resolveTargets(context, {
      args: positionals,
      filenames: flags.list('filename'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      all: flags.bool('all'),
    })
    for (const target of await targetsOf(context, resolved)) {
      const applied = lastAppliedOf(await readTarget(context, target))
      if (applied === undefined) {
        throw new KubectlError(
          `no last-applied-configuration annotation found on resource: ${target.name}`,
        )
      }
      context.out(output === 'json' ? toGoJson(applied, { sortKeys: true }) : toGoYaml(applied))
    }
    return 0
  },
}
