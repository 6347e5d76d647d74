import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { DRY_RUN_FLAG, dryRunOf, FILE_FLAGS, PRINT_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, refOf, resolveTargets, targetsOf } from '../targets.ts'
import { number, record } from '../values.ts'
import { createChangeReporter } from './report-change.ts'

/** Sets the number of replicas (`kubectl/pkg/cmd/scale`). */
export const scaleCommand: KubectlCommand = {
  name: 'scale',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  usage:
    'kubectl scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    DRY_RUN_FLAG,
    { name: 'all', type: 'bool' },
    { name: 'current-replicas', type: 'int', default: '-1' },
    { name: 'replicas', type: 'int' },
    { name: 'resource-version', type: 'string' },
    { name: 'timeout', type: 'duration' },
  ],
  run: runScale,
}

async function runScale(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (!flags.has('replicas')) throw new KubectlError('required flag(s) "replicas" not set')
  const replicas = flags.int('replicas')
  if (replicas < 0) {
    throw new KubectlError(
      'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    )
  }
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const resolved = await resolveTargets(context, {
    args: positionals,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    all: flags.bool('all'),
  })
  const targets = await targetsOf(context, resolved)
  if (targets.length === 0) throw new KubectlError('no objects passed to scale')
  const expected = flags.int('current-replicas')
  // The first that cannot be scaled ends the command.
  for (const target of targets) {
    const live = await readTarget(context, target).catch((error: unknown) => {
      if (!(error instanceof KubeStatusError)) throw error
      throw new KubectlError(`no objects passed to scale ${error.status.message ?? ''}`)
    })
    if (expected >= 0) checkCurrent(live, expected)
    const own = { apiVersion: live.apiVersion, kind: live.kind }
    if (dryRun === 'client') {
      report(live, 'scaled')
      continue
    }
    const version = flags.string('resource-version')
    await context.client.patch(
      { ...refOf(target), subresource: 'scale' },
      'merge',
      {
        ...(version === '' ? {} : { metadata: { resourceVersion: version } }),
        spec: { replicas },
      },
      { dryRun: dryRun === 'server', signal: context.signal },
    )
    report({ ...live, ...own }, 'scaled')
  }
  return 0
}

function checkCurrent(live: AnyKubeObject, expected: number): void {
  const current = number(record(live.spec).replicas)
  if (current !== expected) {
    throw new KubectlError(`Expected replicas to be ${expected}, was ${current}`)
  }
}
