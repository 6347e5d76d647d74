import type { Service } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { createWorkQueue } from './work-queue.ts'

/** The pool: a corner of the nodes' network that the guides of kind give to MetalLB. */
const PREFIX = '172.18.255.'
const FIRST = 200
const LAST = 250

/**
 * Gives services of type LoadBalancer an address, as MetalLB does on a cluster without a cloud: one of a pool, or the one of
 * `spec.loadBalancerIP`. A service of another class is left alone; one that is no longer of the type gives its address back.
 */
export function startLoadBalancerController(context: ControllerContext): Controller {
  const { objects, clock, onDefect, events } = context

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const service = objects.get('Service', key.slice(0, slash), key.slice(slash + 1))
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return
    if (service.spec.loadBalancerClass !== undefined) return
    const current = addressOf(service)
    if (service.spec.type !== 'LoadBalancer') {
      if (current !== undefined) write(service, {})
      return
    }
    const wanted = service.spec.loadBalancerIP
    if (current !== undefined && (wanted === undefined || wanted === '' || wanted === current)) {
      return
    }
    const taken = new Set(
      objects
        .list('Service')
        .filter((other) => other.metadata.uid !== service.metadata.uid)
        .map(addressOf),
    )
    const pool = Array.from({ length: LAST - FIRST + 1 }, (_none, at) => `${PREFIX}${FIRST + at}`)
    const ip =
      wanted === undefined || wanted === ''
        ? pool.find((address) => !taken.has(address))
        : pool.find((address) => address === wanted && !taken.has(address))
    if (ip === undefined) {
      const reason =
        wanted === undefined || wanted === ''
          ? 'no available IPs'
          : taken.has(wanted)
            ? `address ${wanted} is in use by another service`
            : `["${wanted}"] is not allowed in config`
      events.record(SOURCE, service, {
        type: 'Warning',
        reason: 'AllocationFailed',
        message: `Failed to allocate IP for "${key}": ${reason}`,
      })
      return
    }
    write(service, { ingress: [{ ip, ipMode: 'VIP' }] })
    events.record(SOURCE, service, {
      type: 'Normal',
      reason: 'IPAllocated',
      message: `Assigned IP ["${ip}"]`,
    })
  }

  const write = (
    service: Service,
    loadBalancer: NonNullable<NonNullable<Service['status']>['loadBalancer']>,
  ) => objects.updateStatus('Service', { ...service, status: { ...service.status, loadBalancer } })

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const add = ({ metadata }: { metadata: { namespace?: string; name: string } }) =>
    queue.add(`${metadata.namespace ?? 'default'}/${metadata.name}`)
  const stop = objects.onChange((change) => {
    if (change.kind !== 'Service') return
    add(change.object)
    // An address that came free may be what another one waits for.
    if (change.type === 'DELETED') for (const service of waiting()) add(service)
  })
  const waiting = () =>
    objects
      .list('Service')
      .filter((service) => service.spec.type === 'LoadBalancer' && addressOf(service) === undefined)
  for (const service of objects.list('Service')) add(service)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

const SOURCE = 'metallb-controller'

function addressOf(service: Service): string | undefined {
  return service.status?.loadBalancer?.ingress?.[0]?.ip
}
