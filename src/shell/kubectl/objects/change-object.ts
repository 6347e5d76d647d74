import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { DryRun } from '../common-flags.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { refOf, type Target } from '../targets.ts'
import { isRecord, record, text } from '../values.ts'
import { createMergePatch } from './three-way.ts'

/**
 * Sends the difference between an object and what it is to become. Gives the object as it is then, or `undefined`
 * where there is nothing to change.
 *
 * @param options.failing what kubectl says before the server's words: `failed to patch image update to pod template`
 */
export async function changeObject(
  context: KubectlContext,
  target: Target,
  change: { readonly from: AnyKubeObject; readonly to: Record<string, unknown> },
  options: {
    readonly dryRun: DryRun
    readonly fieldManager: string
    readonly failing?: string
  },
): Promise<AnyKubeObject | undefined> {
  const { from, to } = change
  const own = { apiVersion: from.apiVersion, kind: from.kind }
  const patch = createMergePatch(from, to)
  if (Object.keys(patch).length === 0) return undefined
  if (options.dryRun === 'client') {
    const metadata = record(to.metadata)
    return { ...to, ...own, metadata: { ...metadata, name: text(metadata.name) } }
  }
  try {
    const patched = await context.client.patch(refOf(target), 'merge', patch, {
      fieldManager: options.fieldManager,
      dryRun: options.dryRun === 'server',
      onWarning: (warning) => context.err(`Warning: ${warning}\n`),
      signal: context.signal,
    })
    return { ...patched, ...own }
  } catch (error) {
    if (options.failing === undefined || !(error instanceof KubeStatusError)) throw error
    throw new KubectlError(`${options.failing} ${error.status.message ?? ''}`)
  }
}

/** A copy to change. */
export function copyOf(object: AnyKubeObject): Record<string, unknown> {
  return structuredClone<Record<string, unknown>>(object)
}

/** The pod's specification that an object of a workload kind holds, or `undefined` where it holds none (`polymorphichelpers.UpdatePodSpecForObject`). */
export function podSpecIn(object: Record<string, unknown>): Record<string, unknown> | undefined {
  const spec = object.spec
  if (!isRecord(spec)) return undefined
  switch (object.kind) {
    case 'Pod':
      return spec
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
    case 'ReplicationController':
      return inner(spec, 'template')
    case 'CronJob': {
      const job = spec.jobTemplate
      return isRecord(job) && isRecord(job.spec) ? inner(job.spec, 'template') : undefined
    }
    default:
      return undefined
  }
}

function inner(spec: Record<string, unknown>, field: string): Record<string, unknown> | undefined {
  const template = spec[field]
  return isRecord(template) && isRecord(template.spec) ? template.spec : undefined
}
