import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  fieldValidationOf,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
  VALIDATE_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { addSource } from '../print-error.ts'
import { refOf, resolveTargets, type Target, visitEach } from '../targets.ts'
import { createObject } from './create-object.ts'
import { deleteTargets } from './delete.ts'
import { withLastApplied } from './last-applied.ts'
import { createChangeReporter } from './report-change.ts'

/** Puts a file's object in the place of the live one (`kubectl/pkg/cmd/replace`). */
export const replaceCommand: KubectlCommand = {
  name: 'replace',
  summary: 'Replace a resource by file name or stdin',
  usage: 'kubectl replace -f FILENAME',
  words: 'none',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    DRY_RUN_FLAG,
    FIELD_MANAGER_FLAG,
    SAVE_CONFIG_FLAG,
    VALIDATE_FLAG,
    { name: 'force', type: 'bool' },
    { name: 'cascade', type: 'string', alone: 'background' },
    { name: 'grace-period', type: 'int', default: '-1' },
    { name: 'raw', type: 'string', refused: 'Replace the object from a file.' },
    { name: 'subresource', type: 'string', refused: 'Replace the object itself.' },
    { name: 'timeout', type: 'duration' },
    { name: 'wait', type: 'bool' },
  ],
  run: runReplace,
}

async function runReplace(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) {
    throw usageError('kubectl replace', `Unexpected args: [${positionals.join(' ')}]`)
  }
  const filenames = flags.list('filename')
  const force = flags.bool('force')
  if (!force && flags.int('grace-period') >= 0)
    throw new KubectlError('--grace-period must have --force specified')
  if (filenames.length === 0) throw new KubectlError('must specify one of -f and -k')
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const resolved = await resolveTargets(context, {
    args: [],
    filenames,
    recursive: flags.bool('recursive'),
    validate: fieldValidationOf(flags) !== 'Ignore',
  })
  const targets = resolved.by === 'name' ? resolved.targets : []
  if (force && dryRun !== 'none')
    throw new KubectlError('--dry-run can not be used when --force is set')
  if (force) return forceReplace(context, flags, targets)
  await visitEach(targets, async (target) => {
    const { object, source } = target
    if (object === undefined) return
    // kubectl keeps the annotation of apply up to date where the live object has it.
    const live = await context.client.find(refOf(target), { signal: context.signal })
    const annotated =
      live?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']
    const wanted =
      flags.bool('save-config') || annotated !== undefined ? withLastApplied(object) : object
    if (dryRun === 'client') {
      report(wanted, 'replaced')
      return
    }
    const replaced = await context.client
      .replace(wanted, {
        fieldManager: flags.string('field-manager') || 'kubectl-replace',
        fieldValidation: fieldValidationOf(flags),
        dryRun: dryRun === 'server',
        onWarning: (text) => context.err(`Warning: ${text}\n`),
        signal: context.signal,
      })
      .catch((error: unknown) => {
        throw addSource('replacing', source, error)
      })
    report({ ...replaced, apiVersion: object.apiVersion, kind: object.kind }, 'replaced')
  })
  if (targets.length === 0) throw new KubectlError('no objects passed to replace')
  return 0
}

/** `replace --force`: deletes what is there, waits until it is gone, and creates it from the file. */
async function forceReplace(
  context: KubectlContext,
  flags: Flags,
  targets: readonly Target[],
): Promise<number> {
  const report = createChangeReporter(context, flags, 'none')
  await deleteTargets(context, targets, {
    graceSeconds: flags.int('grace-period'),
    timeoutMs: flags.duration('timeout'),
  })
  await visitEach(targets, async ({ object, source }) => {
    if (object === undefined) return
    const created = await createObject(context, object, {
      dryRun: 'none',
      fieldManager: flags.string('field-manager') || 'kubectl-replace',
      fieldValidation: fieldValidationOf(flags),
      saveConfig: flags.bool('save-config'),
    }).catch((error: unknown) => {
      throw addSource('creating', source, error)
    })
    report(created, 'replaced')
  })
  return 0
}
