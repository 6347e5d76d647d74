import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../common-flags.ts'
import type { KubectlContext } from '../context.ts'
import type { FlagSpec, ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, resolveTargets, targetsOf, visitEach } from '../targets.ts'
import { records, text } from '../values.ts'
import { changeObject, copyOf, podSpecIn } from './change-object.ts'
import { createChangeReporter } from './report-change.ts'

/** Flags of every `kubectl set …`. */
export const SET_FLAGS: readonly FlagSpec[] = [
  ...PRINT_FLAGS,
  ...FILE_FLAGS,
  SELECTOR_FLAG,
  DRY_RUN_FLAG,
  FIELD_MANAGER_FLAG,
  { name: 'all', type: 'bool' },
  { name: 'local', type: 'bool', refused: 'Use --dry-run=client instead.' },
]

/** What a `kubectl set` command does to the pod template of an object. */
export interface TemplateChange {
  /** Words that name the objects. */
  readonly words: readonly string[]
  /** `image updated`. */
  readonly operation: string
  /** What kubectl says where the server refuses. */
  readonly failing: string
  /** @throws KubectlError where the template cannot be changed so */
  readonly change: (podSpec: Record<string, unknown>) => void
}

/** Changes the pod templates of the named objects; what stays as it is goes without a word. */
export async function changeTemplates(
  context: KubectlContext,
  given: ParsedFlags,
  wanted: TemplateChange,
): Promise<number> {
  const { flags } = given
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun)
  const resolved = await resolveTargets(context, {
    args: wanted.words,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    all: flags.bool('all'),
  })
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const from = await readTarget(context, target)
    const to = copyOf(from)
    const podSpec = podSpecIn(to)
    if (podSpec === undefined) throw noTemplate(target)
    wanted.change(podSpec)
    const changed = await changeObject(
      context,
      target,
      { from, to },
      {
        dryRun,
        fieldManager: flags.string('field-manager') || 'kubectl-set',
        failing: wanted.failing,
      },
    )
    if (changed !== undefined) report(changed, wanted.operation)
  })
  return 0
}

function noTemplate(target: { readonly kind: { readonly kind: string }; readonly name: string }) {
  return new KubectlError(
    `${target.kind.kind.toLowerCase()}/${target.name} the object is not a pod or does not have a pod template`,
  )
}

/** Containers and init containers of a pod's specification, those that a `-c` pattern with `*` names. */
export function containersOf(
  podSpec: Record<string, unknown>,
  pattern = '*',
): readonly Record<string, unknown>[] {
  const all = [...records(podSpec.initContainers), ...records(podSpec.containers)]
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const matcher = new RegExp(`^${parts.join('.*')}$`)
  return all.filter((container) => matcher.test(text(container.name)))
}
