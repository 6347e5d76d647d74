import type { AnyKubeObject } from '../../../kube/objects.ts'
import { KubectlError } from '../kubectl-error.ts'
import { NO_TIME } from './generate-pod.ts'

/** What `kubectl expose` and `kubectl run --expose` put into a service. */
export interface ServiceTemplate {
  readonly name: string
  readonly namespace?: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly selector: Readonly<Record<string, string>>
  /** Ports as typed, `80,443`. */
  readonly ports: string
  /** The same for all ports where it is not given by port. */
  readonly protocol: string
  /** Protocols of single ports: `53` → `UDP`. */
  readonly protocols: Readonly<Record<string, string>>
  readonly targetPort: string
  readonly type: string
  readonly clusterIp: string
  readonly externalIp: string
  readonly loadBalancerIp: string
  readonly sessionAffinity: string
}

/**
 * The service of `kubectl expose`, fields in the order of kubectl's own types.
 *
 * @throws KubectlError for ports and types that cannot be
 */
export function generateService(template: ServiceTemplate): AnyKubeObject {
  const { name, namespace, labels, selector } = template
  const type = template.type
  if (type !== '' && !TYPES.includes(type)) throw new KubectlError(`unknown service type: ${type}`)
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...NO_TIME,
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    },
    spec: {
      ports: servicePorts(template),
      selector,
      ...(template.clusterIp === '' ? {} : { clusterIP: template.clusterIp }),
      ...(type === '' ? {} : { type }),
      ...(template.externalIp === '' ? {} : { externalIPs: [template.externalIp] }),
      ...(template.sessionAffinity === '' ? {} : { sessionAffinity: template.sessionAffinity }),
      ...(template.loadBalancerIp === '' ? {} : { loadBalancerIP: template.loadBalancerIp }),
    },
    status: { loadBalancer: {} },
  }
}

const TYPES: readonly string[] = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']

function servicePorts(template: ServiceTemplate): readonly Record<string, unknown>[] {
  const typed = template.ports.split(',')
  return typed.flatMap((text, index) => {
    if (!/^[+-]?\d+$/.test(text)) {
      throw new KubectlError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    }
    const port = Number(text)
    const protocols = template.protocol || template.protocols[text] || 'TCP'
    // One number may be exposed over two protocols at once.
    return protocols.split('/').map((protocol, _part, all) => ({
      ...(typed.length > 1 || all.length > 1
        ? { name: `port-${index + 1}${all.length > 1 ? `-${protocol.toLowerCase()}` : ''}` }
        : {}),
      protocol,
      port,
      targetPort: targetPortOf(template.targetPort, port),
    }))
  })
}

function targetPortOf(text: string, port: number): number | string {
  if (text === '') return port
  return /^\d+$/.test(text) ? Number(text) : text
}
