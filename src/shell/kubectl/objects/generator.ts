import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { dryRunOf } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { FlagSpec, Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { record } from '../values.ts'
import { CREATE_FLAGS } from './create.ts'
import { createObject } from './create-object.ts'
import { NO_TIME } from './generate-pod.ts'
import { createChangeReporter } from './report-change.ts'

export interface GeneratorInput {
  readonly name: string
  /** Words after the name. */
  readonly args: readonly string[]
  readonly flags: Flags
  readonly context: KubectlContext
}

/** A `kubectl create KIND NAME` command: its object in the order of kubectl's own types. */
export function generator(options: {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly usage: string
  readonly namespaced: boolean
  /** What kubectl says it could not create (`deployment:`); the server's words alone where absent. */
  readonly failing?: string
  readonly flags: readonly FlagSpec[]
  readonly generate: (
    input: GeneratorInput,
  ) => Record<string, unknown> | Promise<Record<string, unknown>>
}): KubectlCommand {
  const command = `kubectl create ${options.name}`
  return {
    name: `create ${options.name}`,
    aliases: (options.aliases ?? []).map((alias) => `create ${alias}`),
    summary: options.summary,
    usage: options.usage,
    words: 'none',
    flags: [...CREATE_FLAGS, ...options.flags],
    async run(context: KubectlContext, given: ParsedFlags): Promise<number> {
      const { flags, positionals, beforeDash } = given
      const names = beforeDash === -1 ? positionals : positionals.slice(0, beforeDash)
      const [name] = names
      if (name === undefined || names.length !== 1) {
        const text = `exactly one NAME is required, got ${names.length}`
        throw usageError(command, text)
      }
      const dryRun = dryRunOf(flags, context.err)
      const report = createChangeReporter(context, flags, dryRun, { sortKeys: dryRun !== 'client' })
      const args = positionals.slice(1)
      const generated = await options.generate({ name, args, flags, context })
      const { apiVersion = 'v1', kind, ...fields } = generated
      const showNamespace = options.namespaced && (dryRun !== 'client' || context.enforceNamespace)
      const object: AnyKubeObject = {
        kind: String(kind),
        apiVersion: String(apiVersion),
        metadata: {
          name,
          ...(showNamespace ? { namespace: context.namespace } : {}),
          ...NO_TIME,
          ...record(fields.metadata),
        },
        ...withoutMetadata(fields),
      }
      const created = await createObject(context, object, {
        dryRun,
        fieldManager: flags.string('field-manager') || 'kubectl-create',
        fieldValidation: 'Strict',
        saveConfig: flags.bool('save-config'),
      }).catch((error: unknown) => {
        const { failing } = options
        if (failing === undefined || !(error instanceof KubeStatusError)) throw error
        throw new KubectlError(`failed to create ${failing} ${error.status.message ?? ''}`)
      })
      report(created, 'created')
      return 0
    },
  }
}

function withoutMetadata(fields: Record<string, unknown>): Record<string, unknown> {
  const { metadata: _placed, ...others } = fields
  return others
}

/** The words of cobra for required flags that were not given. @throws KubectlError */
export function requireFlags(flags: Flags, names: readonly string[]): void {
  const missing = names.filter((name) => !flags.has(name))
  if (missing.length === 0) return
  const list = missing.map((name) => JSON.stringify(name)).join(', ')
  throw new KubectlError(`required flag(s) ${list} not set`)
}
