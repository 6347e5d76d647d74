import type { KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { resolveTargets } from '../targets.ts'

/** @throws KubectlError where neither words nor files name anything, as every `kubectl rollout` command asks first */
export function assertNamed({ flags, positionals }: ParsedFlags): void {
  if (positionals.length === 0 && flags.list('filename').length === 0) {
    throw new KubectlError('required resource not specified')
  }
}

/** What the words, the files or the selector of a `kubectl rollout` command name. */
export function resolveRollout(context: KubectlContext, { flags, positionals }: ParsedFlags) {
  return resolveTargets(context, {
    args: positionals,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    kindAlone: true,
  })
}
