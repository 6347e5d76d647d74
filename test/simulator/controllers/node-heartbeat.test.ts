import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { openTestCluster, type TestCluster } from '../support/cluster.ts'

const LEASE =
  '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/netpol-lab-control-plane'
const NODE = '/api/v1/nodes/netpol-lab-control-plane'

const clock = createFastClock()
let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster({ clock })
})
afterEach(() => cluster.close())

const lease = async () => (await cluster.send('GET', LEASE)).body
const heartbeat = async (): Promise<string> =>
  (await cluster.send('GET', NODE)).body.status.conditions[3].lastHeartbeatTime

it('A node holds a lease that it renews every ten seconds.', async () => {
  const first = await lease()
  expect(first.spec).toMatchObject({
    holderIdentity: 'netpol-lab-control-plane',
    leaseDurationSeconds: 40,
  })
  expect(first.metadata.ownerReferences).toMatchObject([{ kind: 'Node' }])
  await clock.sleep(35_000)
  const later = await lease()
  expect(Date.parse(later.spec.renewTime) - Date.parse(first.spec.renewTime)).toBe(30_000)
  expect(Number(later.metadata.resourceVersion)).toBe(
    Number((await lease()).metadata.resourceVersion),
  )
})

it('A node says every five minutes that its conditions are what they were.', async () => {
  const first = await heartbeat()
  await clock.sleep(200_000)
  expect(await heartbeat()).toBe(first)
  await clock.sleep(200_000)
  expect(Date.parse(await heartbeat()) - Date.parse(first)).toBe(300_000)
  const { conditions } = (await cluster.send('GET', NODE)).body.status
  expect(conditions[3].lastTransitionTime).toBe(first)
})

it('A lease that was deleted comes back, and renewals are no change that is to be saved.', async () => {
  await cluster.send('DELETE', LEASE)
  expect((await lease()).code).toBe(404)
  // What a new cluster starts by itself is over then.
  await clock.sleep(60_000)
  await cluster.send('DELETE', LEASE)
  let changes = 0
  const stop = cluster.onChange(() => {
    changes++
  })
  await clock.sleep(15_000)
  stop()
  expect((await lease()).spec.holderIdentity).toBe('netpol-lab-control-plane')
  expect(changes).toBe(0)
})

it('An idle cluster does not move a clock that moves for what somebody waits for.', async () => {
  await clock.sleep(60_000)
  const before = clock.now()
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(clock.now()).toBe(before)
})
