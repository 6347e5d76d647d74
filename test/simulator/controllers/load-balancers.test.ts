import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestCluster, SERVICES, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const MERGE = { 'content-type': 'application/merge-patch+json' }
const balancer = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type: 'LoadBalancer', selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
})
const addressOf = async (name: string, address: string | undefined) => {
  const event = await cluster.until(
    SERVICES,
    ({ object }) =>
      object.metadata.name === name && object.status.loadBalancer?.ingress?.[0]?.ip === address,
  )
  return event.object
}

describe('a service of type LoadBalancer', () => {
  it('gets an address of the pool, and says so in an event', async () => {
    await cluster.send('POST', SERVICES, balancer('one'))
    await cluster.send('POST', SERVICES, balancer('two'))
    const one = await addressOf('one', '172.18.255.200')
    expect(one.status.loadBalancer.ingress).toEqual([{ ip: '172.18.255.200', ipMode: 'VIP' }])
    await addressOf('two', '172.18.255.201')
    const event = await cluster.until(
      '/api/v1/namespaces/default/events',
      ({ object }) => object.reason === 'IPAllocated' && object.involvedObject.name === 'two',
    )
    expect(event.object.message).toBe('Assigned IP ["172.18.255.201"]')
  })

  it('gets the address that it asks for, where that is free and in the pool', async () => {
    await cluster.send('POST', SERVICES, balancer('one', { loadBalancerIP: '172.18.255.210' }))
    await addressOf('one', '172.18.255.210')
    await cluster.send('POST', SERVICES, balancer('two', { loadBalancerIP: '192.0.2.1' }))
    const event = await cluster.until(
      '/api/v1/namespaces/default/events',
      ({ object }) => object.reason === 'AllocationFailed',
    )
    expect(event.object.message).toBe(
      'Failed to allocate IP for "default/two": ["192.0.2.1"] is not allowed in config',
    )
  })

  it('gives its address back when it is no longer one, and leaves other classes alone', async () => {
    await cluster.send('POST', SERVICES, balancer('one'))
    await addressOf('one', '172.18.255.200')
    await cluster.send('PATCH', `${SERVICES}/one`, { spec: { type: 'ClusterIP' } }, MERGE)
    await addressOf('one', undefined)
    await cluster.send('POST', SERVICES, balancer('other', { loadBalancerClass: 'a.b/c' }))
    await cluster.send('POST', SERVICES, balancer('two'))
    await addressOf('two', '172.18.255.200')
    const other = await cluster.send('GET', `${SERVICES}/other`)
    expect(other.body.status.loadBalancer).toEqual({})
  })
})
