import type { AnyKubeObject } from '../../../kube/objects.ts'
import { FIELD_MANAGER_FLAG, FILE_FLAGS, PRINT_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { changeObject, copyOf } from '../objects/change-object.ts'
import { createChangeReporter } from '../objects/report-change.ts'
import { readTarget, type Target, targetsOf, visitEach } from '../targets.ts'
import { record } from '../values.ts'
import { assertNamed, resolveRollout } from './rollout-targets.ts'

/** One of the commands that change a workload and nothing of what it runs: restart, pause, resume. */
interface RolloutChange {
  readonly word: 'restart' | 'pause' | 'resume'
  readonly summary: string
  /** Kinds that it is for. */
  readonly kinds: readonly string[]
  /** `restarted`. */
  readonly done: string
  /** `restarting is not supported`. */
  readonly unsupported: string
  /** @throws KubectlError where the object is not in the state for it; gets the object that it changes */
  readonly change: (object: Record<string, unknown>, context: KubectlContext) => void
  /** What kubectl says where nothing became different. */
  readonly unchanged: string
}

function rolloutChange(options: RolloutChange): KubectlCommand {
  return {
    name: `rollout ${options.word}`,
    summary: options.summary,
    usage: `kubectl rollout ${options.word} RESOURCE`,
    words: 'objects',
    flags: [...PRINT_FLAGS, ...FILE_FLAGS, SELECTOR_FLAG, FIELD_MANAGER_FLAG],
    run: (context, given) => runChange(context, given, options),
  }
}

async function runChange(
  context: KubectlContext,
  given: ParsedFlags,
  options: RolloutChange,
): Promise<number> {
  const { flags } = given
  assertNamed(given)
  const report = createChangeReporter(context, flags, 'none')
  const resolved = await resolveRollout(context, given)
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const from = await readTarget(context, target)
    if (!options.kinds.includes(target.kind.kind)) throw problem(target, options.unsupported)
    const to = copyOf(from)
    try {
      options.change(to, context)
    } catch (error) {
      throw error instanceof KubectlError ? problem(target, error.message) : error
    }
    const fieldManager = flags.string('field-manager') || 'kubectl-rollout'
    const changed: AnyKubeObject | undefined = await changeObject(
      context,
      target,
      { from, to },
      { dryRun: 'none', fieldManager },
    )
    if (changed === undefined) throw problem(target, options.unchanged)
    report(changed, options.done)
  })
  return 0
}

function problem({ kind, name }: Target, why: string): KubectlError {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
  return new KubectlError(`${resource} ${JSON.stringify(name)} ${why}`)
}

/** `kubectl rollout restart`: new pods from the same template, told apart by an annotation. */
export const rolloutRestartCommand = rolloutChange({
  word: 'restart',
  summary: 'Restart a resource',
  kinds: ['Deployment', 'DaemonSet', 'StatefulSet'],
  done: 'restarted',
  unsupported: 'restarting is not supported',
  unchanged:
    'if restart has already been triggered within the past second, please wait before attempting to trigger another',
  change(object, context) {
    const spec = record(object.spec)
    if (spec.paused === true) {
      throw new KubectlError("can't restart paused deployment (run rollout resume first)")
    }
    const template = record(spec.template)
    const metadata = record(template.metadata)
    const restartedAt = new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
    const annotations = {
      ...record(metadata.annotations),
      'kubectl.kubernetes.io/restartedAt': restartedAt,
    }
    spec.template = { ...template, metadata: { ...metadata, annotations } }
  },
})

/** `kubectl rollout pause`. */
export const rolloutPauseCommand = rolloutChange({
  word: 'pause',
  summary: 'Mark the provided resource as paused',
  kinds: ['Deployment'],
  done: 'paused',
  unsupported: 'pausing is not supported',
  unchanged: 'is already paused',
  change(object) {
    record(object.spec).paused = true
  },
})

/** `kubectl rollout resume`. */
export const rolloutResumeCommand = rolloutChange({
  word: 'resume',
  summary: 'Resume a paused resource',
  kinds: ['Deployment'],
  done: 'resumed',
  unsupported: 'resuming is not supported',
  unchanged: 'is not paused',
  change(object) {
    delete record(object.spec).paused
  },
})
