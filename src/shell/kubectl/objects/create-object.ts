import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { DryRun } from '../common-flags.ts'
import type { KubectlContext } from '../context.ts'
import { withLastApplied } from './last-applied.ts'

export interface CreateOptions {
  readonly dryRun: DryRun
  readonly fieldManager: string
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Keeps the object in its own annotation, for later `apply`. */
  readonly saveConfig?: boolean
}

/** Creates an object and prints the server's warnings. With a client-side dry run nothing is sent. */
export async function createObject(
  context: KubectlContext,
  object: AnyKubeObject,
  options: CreateOptions,
): Promise<AnyKubeObject> {
  const { dryRun, fieldManager, fieldValidation } = options
  if (dryRun === 'client') return object
  const sent = options.saveConfig === true ? withLastApplied(object) : object
  const created = await context.client.create<AnyKubeObject>(sent, {
    fieldManager,
    ...(fieldValidation === undefined ? {} : { fieldValidation }),
    dryRun: dryRun === 'server',
    onWarning: (text) => context.err(`Warning: ${text}\n`),
    signal: context.signal,
  })
  return { ...created, apiVersion: object.apiVersion, kind: object.kind }
}
