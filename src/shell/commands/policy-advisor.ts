import type { KubeClient } from '../../kube/client.ts'
import { readPolicyState, readServices } from './cluster-policies.ts'

/** One finding of lint about a policy of the cluster. */
interface PolicyRemark {
  /** Its name, with the namespace where that is not `default`. */
  readonly policy: string
  /** What is there and what it leads to. */
  readonly text: string
}

/**
 * Looks at policies of a cluster as `lint` does. What cannot be read is no reason to disturb anybody: then there are no remarks,
 * and the command `lint` says why.
 */
export function createPolicyAdvisor(client: KubeClient) {
  return {
    async remarksOn(
      names: readonly string[],
      signal: AbortSignal,
    ): Promise<readonly PolicyRemark[]> {
      try {
        const access = { client, signal }
        const [{ lint }, state, { services }] = await Promise.all([
          import('../../policy/lint.ts'),
          readPolicyState(access),
          readServices(access),
        ])
        const policies = state.policies.filter(({ metadata }) => names.includes(metadata.name))
        return lint({ state, services }, policies).map(({ policy, found, consequence }) => ({
          policy:
            policy.namespace === 'default' ? policy.name : `${policy.namespace}/${policy.name}`,
          text: `${found} ${consequence}`,
        }))
      } catch {
        signal.throwIfAborted()
        return []
      }
    },
  }
}
