import { createBackOff, goMilliseconds } from './back-off.ts'
import type { ContainerNode } from './container-node.ts'
import type { ContainerSlot } from './container-slot.ts'

/** How often the kubelet looks again for an image that it may not pull. */
const NEVER_PULL_MS = 10_000

/** Pulls until the image of a container is there: ErrImagePull and ImagePullBackOff in turn. */
export async function pullImage(slot: ContainerSlot, node: ContainerNode): Promise<void> {
  const { clock, runtime, images } = node
  const { image, imagePullPolicy } = slot.container
  const backOff = createBackOff({ immediately: false })
  while (true) {
    const present = images.has(image)
    let took = { ownMs: 0, wholeMs: 0 }
    if (imagePullPolicy === 'Never' && !present) {
      const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`
      slot.state = { waiting: { reason: 'ErrImageNeverPull', message } }
      node.publish()
      node.warning('ErrImageNeverPull', message, slot)
      node.warning('Failed', 'Error: ErrImageNeverPull', slot)
      await node.pause(NEVER_PULL_MS)
      continue
    }
    if (imagePullPolicy === 'Always' || !present) {
      node.normal('Pulling', `Pulling image ${JSON.stringify(image)}`, slot)
      took = node.pulls.take(clock.now(), present)
      await node.pause(took.wholeMs)
    }
    const result = await runtime.pullImage(image)
    node.throwIfStopped()
    if (result.ok) {
      slot.imageID = result.imageID
      images.add(image)
      if (present && imagePullPolicy !== 'Always') {
        node.normal(
          'Pulled',
          `Container image ${JSON.stringify(image)} already present on machine`,
          slot,
        )
      } else {
        const [own, whole] = [goMilliseconds(took.ownMs), goMilliseconds(took.wholeMs)]
        const size = result.sizeBytes === undefined ? '' : ` Image size: ${result.sizeBytes} bytes.`
        node.normal(
          'Pulled',
          `Successfully pulled image ${JSON.stringify(image)} in ${own} (${whole} including waiting).${size}`,
          slot,
        )
      }
      return
    }
    slot.state = { waiting: { reason: result.reason, message: result.message } }
    node.publish()
    if (result.reason === 'InvalidImageName') {
      node.warning('InspectFailed', result.message, slot)
    } else {
      node.warning(
        'Failed',
        `Failed to pull image ${JSON.stringify(image)}: ${result.message}`,
        slot,
      )
    }
    node.warning('Failed', `Error: ${result.reason}`, slot)
    const wait = backOff.next(clock.now())
    if (result.reason !== 'InvalidImageName') {
      // The kubelet looks again about a second later and finds itself in the back-off.
      await node.pause(1000)
      node.normal('BackOff', `Back-off pulling image ${JSON.stringify(image)}`, slot)
      node.warning('Failed', 'Error: ImagePullBackOff', slot)
      slot.state = {
        waiting: {
          reason: 'ImagePullBackOff',
          message: `Back-off pulling image ${JSON.stringify(image)}: ErrImagePull: ${result.message}`,
        },
      }
      node.publish()
    }
    await node.pause(wait)
  }
}
