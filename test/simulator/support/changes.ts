import type { TestCluster } from './cluster.ts'

/** Asks again after every change of the cluster until the answer is yes. */
export async function untilTrue(cluster: TestCluster, test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) {
    await new Promise<void>((resolve) => {
      const stop = cluster.onChange(() => {
        stop()
        resolve()
      })
      // The change may have come between the question and here.
      setImmediate(resolve)
    })
  }
}

/** The events about an object, oldest first: `Normal SuccessfulCreate Created pod: a-x`. */
export async function eventsOf(
  cluster: TestCluster,
  kind: string,
  name: string,
): Promise<readonly string[]> {
  const selector = encodeURIComponent(`involvedObject.kind=${kind},involvedObject.name=${name}`)
  const { body } = await cluster.send(
    'GET',
    `/api/v1/namespaces/default/events?fieldSelector=${selector}`,
  )
  return body.items
    .map((event: { type: string; reason: string; message: string; metadata: object }) => ({
      text: `${event.type} ${event.reason} ${event.message}`,
      revision: Number(Reflect.get(event.metadata, 'resourceVersion')),
    }))
    .sort((a: { revision: number }, b: { revision: number }) => a.revision - b.revision)
    .map((event: { text: string }) => event.text)
}

export const MERGE = { 'content-type': 'application/merge-patch+json' }
