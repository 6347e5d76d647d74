import { createPrivateKey } from 'node:crypto'
import { LabError } from '../base/errors.ts'
import type { AnyKubeObject } from '../kube/objects.ts'

/** A simulated cluster as plain JSON. */
export interface SavedCluster {
  readonly version: 1
  /** Where the `resourceVersion` counter stood. */
  readonly revision: number
  readonly objects: readonly AnyKubeObject[]
  /** Files that containers changed: pod uid, container name, path, base64 (`null`: deleted). */
  readonly files: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>
  >
  /** PEM of the key that the tokens of service accounts were signed with, where there were any. */
  readonly accountKey?: string
}

/**
 * Reads what `save` wrote.
 * @throws LabError ERR_PROGRESS_NEWER for a later version, ERR_PROGRESS_DAMAGED for anything else
 */
export function decodeSavedCluster(value: unknown): SavedCluster {
  if (!isRecord(value)) throw damaged('it is not an object')
  const { version, revision, objects, files, accountKey } = value
  if (typeof version === 'number' && version > 1) {
    throw new LabError(
      'ERR_PROGRESS_NEWER',
      `The saved cluster has version ${version}; this netpol-lab reads version 1.`,
      { next: ['Update netpol-lab, or start with a new cluster.'] },
    )
  }
  if (version !== 1) throw damaged('its version is missing')
  if (typeof revision !== 'number' || !Number.isInteger(revision) || revision < 0) {
    throw damaged('its revision is not a number')
  }
  if (!Array.isArray(objects) || !objects.every(isObject))
    throw damaged('its objects cannot be read')
  if (!isFiles(files)) throw damaged('its files cannot be read')
  if (accountKey === undefined) return { version: 1, revision, objects, files }
  if (!isPrivateKey(accountKey)) throw damaged('its key cannot be read')
  return { version: 1, revision, objects, files, accountKey }
}

function damaged(why: string): LabError {
  return new LabError('ERR_PROGRESS_DAMAGED', 'The saved cluster cannot be read.', {
    why,
    next: ['Start with a new cluster; your progress in the lessons is kept elsewhere.'],
  })
}

function isPrivateKey(value: unknown): value is string {
  if (typeof value !== 'string') return false
  try {
    return createPrivateKey(value).asymmetricKeyType === 'ec'
  } catch {
    return false
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isObject(value: unknown): value is AnyKubeObject {
  return (
    isRecord(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    isRecord(value.metadata) &&
    typeof value.metadata.name === 'string' &&
    typeof value.metadata.uid === 'string' &&
    typeof value.metadata.resourceVersion === 'string'
  )
}

function isFiles(value: unknown): value is SavedCluster['files'] {
  const isContent = (content: unknown) => content === null || typeof content === 'string'
  return (
    isRecord(value) &&
    Object.values(value).every(
      (pod) =>
        isRecord(pod) &&
        Object.values(pod).every(
          (container) => isRecord(container) && Object.values(container).every(isContent),
        ),
    )
  )
}
