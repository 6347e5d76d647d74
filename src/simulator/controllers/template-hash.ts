import type { PodTemplate } from '../../kube/objects.ts'
import { metadataOf } from '../../kube/workload-pods.ts'

const SIGNS = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * The name of a pod template in `pod-template-hash`: ten signs that follow from its content. Looks like Kubernetes' hash; the
 * number behind it is another one, since that depends on how Go prints the struct.
 */
export function templateHash(template: PodTemplate): string {
  // FNV-1a of 64 bits, of the content with sorted keys.
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(
    sorted({ ...template, metadata: metadataOf(template) }),
  )) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  let text = ''
  for (let index = 0; index < 10; index += 1) {
    text += SIGNS[Number(hash % 27n)]
    hash /= 27n
  }
  return text
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
