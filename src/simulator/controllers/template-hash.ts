import type { PodTemplate } from '../../kube/objects.ts'
import { metadataOf } from '../../kube/workload-pods.ts'

/** What `rand.SafeEncodeString` makes of the digits 0 to 9. */
const SIGNS = '456789bcdf'

/**
 * The name of a pod template in `pod-template-hash`: a number of 32 bits that follows from its content, with a sign for each digit.
 * Looks like Kubernetes' hash; the number is another one, since that depends on how Go prints the struct.
 */
export function templateHash(template: PodTemplate): string {
  // FNV-1a, of the content with sorted keys.
  let hash = 0x811c9dc5
  const content = sorted({ ...template, metadata: metadataOf(template) })
  for (const byte of new TextEncoder().encode(content)) {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return [...String(hash >>> 0)].map((digit) => SIGNS[Number(digit)]).join('')
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
