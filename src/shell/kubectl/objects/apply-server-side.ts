import { KubeStatusError } from '../../../kube/client.ts'
import type { DryRun } from '../common-flags.ts'
import type { KubectlContext } from '../context.ts'
import type { Flags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { refOf, type Target } from '../targets.ts'
import type { ChangeReporter } from './report-change.ts'

/** `kubectl apply --server-side`: the server merges, and refuses fields that another manager owns. */
export async function applyServerSide(
  context: KubectlContext,
  target: Target,
  run: {
    readonly flags: Flags
    readonly dryRun: DryRun
    readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore'
    readonly report: ChangeReporter
  },
): Promise<void> {
  const { object } = target
  if (object === undefined) return
  const force = run.flags.bool('force-conflicts')
  try {
    const applied = await context.client.patch(refOf(target), 'apply', object, {
      fieldManager: run.flags.string('field-manager') || 'kubectl',
      fieldValidation: run.fieldValidation,
      dryRun: run.dryRun === 'server',
      force,
      onWarning: (text) => context.err(`Warning: ${text}\n`),
      signal: context.signal,
    })
    run.report(
      { ...applied, apiVersion: object.apiVersion, kind: object.kind },
      'serverside-applied',
    )
  } catch (error) {
    if (!(error instanceof KubeStatusError) || error.code !== 409) throw error
    throw new KubectlError(`${error.status.message ?? ''}\n${CONFLICT_HELP}`)
  }
}

const CONFLICT_HELP = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`
