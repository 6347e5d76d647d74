import { parse as parseYaml } from 'yaml'
import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, refOf, resolveTargets, targetsOf, visitEach } from '../targets.ts'
import { createChangeReporter } from './report-change.ts'
import { sameJson } from './three-way.ts'

const TYPES = ['json', 'merge', 'strategic'] as const

/** Changes some fields of an object (`kubectl/pkg/cmd/patch`). */
export const patchCommand: KubectlCommand = {
  name: 'patch',
  summary: 'Update fields of a resource',
  usage: 'kubectl patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    DRY_RUN_FLAG,
    FIELD_MANAGER_FLAG,
    { name: 'local', type: 'bool', refused: 'Use --dry-run=client instead.' },
    { name: 'patch', short: 'p', type: 'string' },
    { name: 'patch-file', type: 'string' },
    { name: 'subresource', type: 'string', values: ['scale', 'status'] },
    { name: 'type', type: 'string', default: 'strategic', values: TYPES },
  ],
  run: runPatch,
}

async function runPatch(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const file = flags.string('patch-file')
  const inline = flags.string('patch')
  if (file === '' && inline === '') {
    throw new KubectlError(
      'must specify --patch or --patch-file containing the contents of the patch',
    )
  }
  if (file !== '' && inline !== '') {
    throw new KubectlError('cannot specify --patch and --patch-file together')
  }
  const type = TYPES.find((one) => one === flags.string('type').toLowerCase())
  if (type === undefined) {
    throw new KubectlError(
      `--type must be one of [${TYPES.join(' ')}], not ${JSON.stringify(flags.string('type'))}`,
    )
  }
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, 'none')
  const body = readPatch(file === '' ? inline : await readFile(context, file))
  const subresource = flags.string('subresource')
  const resolved = await resolveTargets(context, {
    args: positionals,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
  })
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const before = await readTarget(context, target)
    const ref = { ...refOf(target), ...(subresource === '' ? {} : { subresource }) }
    // What a patch makes of an object is the server's to say, in a dry run too.
    const patched = await context.client
      .patch<AnyKubeObject>(ref, type, body, {
        fieldManager: flags.string('field-manager') || 'kubectl-patch',
        dryRun: dryRun !== 'none',
        onWarning: (warning) => context.err(`Warning: ${warning}\n`),
        signal: context.signal,
      })
      .catch((error: unknown) => {
        if (!(error instanceof KubeStatusError) || error.code !== 415) throw error
        const { group, version, kind } = target.kind
        const media =
          type === 'json' ? 'json-patch' : `${type === 'merge' ? '' : 'strategic-'}merge-patch`
        throw new KubectlError(
          `application/${media}+json is not supported by ${group}/${version}, Kind=${kind}: ${error.status.message ?? ''}`,
        )
      })
    const after = { ...patched, apiVersion: before.apiVersion, kind: before.kind }
    report(after, sameJson(before, after) ? 'patched (no change)' : 'patched')
  })
  return 0
}

async function readFile(context: KubectlContext, name: string): Promise<string> {
  const content = await context.folder.read(name)
  if (content === undefined) {
    throw new KubectlError(`unable to read patch file: open ${name}: no such file or directory`)
  }
  return content
}

/** A patch is written as JSON or as YAML. @throws KubectlError */
function readPatch(content: string): unknown {
  try {
    return content.trimStart().startsWith('{') || content.trimStart().startsWith('[')
      ? JSON.parse(content)
      : parseYaml(content, { version: '1.1' })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new KubectlError(`unable to parse ${JSON.stringify(content)}: ${why}`)
  }
}
