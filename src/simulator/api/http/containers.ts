import type { Pod } from '../../../kube/objects.ts'
import { errors } from '../status.ts'

/**
 * Which container a log, exec or attach means: models pkg/registry/core/pod LogLocation and streamLocation.
 * @throws ApiError 400
 */
export function containerNameFor(pod: Pod, wanted: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  const name = pod.metadata.name
  if (wanted !== '') {
    const known = [...containers, ...initContainers, ...ephemeralContainers]
    if (known.some((container) => container.name === wanted)) return wanted
    throw errors.badRequest(`container ${wanted} is not valid for pod ${name}`)
  }
  const [first, second] = containers
  if (first !== undefined && second === undefined) return first.name
  const list = containers.map((container) => container.name).join(' ')
  const inits = initContainers.map((container) => container.name).join(' ')
  throw errors.badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${list}]${
      inits === '' ? '' : ` or one of the init containers: [${inits}]`
    }`,
  )
}
