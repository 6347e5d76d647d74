import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { DryRun } from '../common-flags.ts'
import type { KubectlContext } from '../context.ts'
import type { Flags } from '../flags.ts'
import { type ObjectPrinter, objectName, printerFor } from '../print/object-printer.ts'

/** Says that an object was created, changed or removed: `pod/web created`, or the object in the form of `-o`. */
export type ChangeReporter = (object: AnyKubeObject, operation: string) => void

/** @throws KubectlError for an unknown `-o`, before anything is changed */
export function createChangeReporter(
  context: KubectlContext,
  flags: Flags,
  dryRun: DryRun,
  options: { readonly sortKeys?: boolean } = {},
): ChangeReporter {
  const printer: ObjectPrinter | undefined = printerFor(flags.string('output'), {
    showManagedFields: flags.bool('show-managed-fields'),
    ...options,
  })
  return (object, operation) => {
    if (printer !== undefined) context.out(printer(object))
    else context.out(`${objectName(object)} ${operation}${dryRunSuffix(dryRun)}\n`)
  }
}

export function dryRunSuffix(dryRun: DryRun): string {
  if (dryRun === 'client') return ' (dry run)'
  return dryRun === 'server' ? ' (server dry run)' : ''
}
