import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  fieldValidationOf,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
  SELECTOR_FLAG,
  VALIDATE_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { FlagSpec, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { addSource } from '../print-error.ts'
import { resolveTargets, visitEach } from '../targets.ts'
import { createObject } from './create-object.ts'
import { createChangeReporter } from './report-change.ts'
import { selectByLabels } from './select-by-labels.ts'

/** Flags of every `kubectl create …`. */
export const CREATE_FLAGS: readonly FlagSpec[] = [
  ...PRINT_FLAGS,
  DRY_RUN_FLAG,
  FIELD_MANAGER_FLAG,
  SAVE_CONFIG_FLAG,
  VALIDATE_FLAG,
]

/** Creates what files say (`kubectl/pkg/cmd/create`). */
export const createCommand: KubectlCommand = {
  name: 'create',
  summary: 'Create a resource from a file or from stdin',
  usage: 'kubectl create -f FILENAME',
  words: 'none',
  flags: [
    ...CREATE_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    { name: 'edit', type: 'bool', refused: 'Edit the file, then create it.' },
    { name: 'raw', type: 'string', refused: 'Create the object from a file.' },
    { name: 'windows-line-endings', type: 'bool' },
  ],
  run: runCreate,
}

async function runCreate(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) {
    throw usageError('kubectl create', `Unexpected args: [${positionals.join(' ')}]`)
  }
  const filenames = flags.list('filename')
  if (filenames.length === 0) throw new KubectlError('must specify one of -f and -k')
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const resolved = await resolveTargets(context, {
    args: [],
    filenames,
    recursive: flags.bool('recursive'),
    validate: fieldValidationOf(flags) !== 'Ignore',
  })
  const all = resolved.by === 'name' ? resolved.targets : []
  const targets = selectByLabels(all, flags.string('selector'))
  if (targets.length === 0) throw new KubectlError('no objects passed to create')
  await visitEach(targets, async (target) => {
    if (target.object === undefined) return
    const created = await createObject(context, target.object, {
      dryRun,
      fieldManager: flags.string('field-manager') || 'kubectl-create',
      fieldValidation: fieldValidationOf(flags),
      saveConfig: flags.bool('save-config'),
    }).catch((error: unknown) => {
      throw addSource('creating', target.source, error)
    })
    report(created, 'created')
  })
  return 0
}
