import type { Container, Pod } from '../../../kube/objects.ts'
import { ContainerConfigError } from './container-environment.ts'
import { recordOf } from './probe-container.ts'

/**
 * Refuses a container that may not run as root and would. Models verifyRunAsNonRoot of pkg/kubelet/kuberuntime/security_context.go.
 * @param user of the image: a number, a name, or nothing, which is root
 * @throws ContainerConfigError
 */
export function verifyNonRoot(container: Container, pod: Pod, user: string | undefined): void {
  const own = recordOf(Reflect.get(container, 'securityContext')) ?? {}
  const shared = recordOf(pod.spec.securityContext) ?? {}
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return
  const { name, namespace = 'default', uid = '' } = pod.metadata
  const place = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`
  const given = own.runAsUser ?? shared.runAsUser
  if (given === 0) {
    throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${place}`)
  }
  if (given !== undefined) return
  if (user === undefined || /^0+$/.test(user)) {
    throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${place}`)
  }
  if (!/^\d+$/.test(user)) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${place}`,
    )
  }
}
