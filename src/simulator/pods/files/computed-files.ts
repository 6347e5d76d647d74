import type { Pod } from '../../../kube/objects.ts'
import type { PodNetwork } from '../../ports.ts'
import type { ComputedFiles } from './file-tree.ts'
import { procNetFiles } from './proc-net.ts'

/** The files that a kubelet and a kernel write for a container. */
export function computedFiles(options: {
  readonly pod: Pod
  readonly network: PodNetwork
  readonly uptimeMs: () => number
}): ComputedFiles {
  const { pod, network } = options
  const {
    nameserver,
    nameservers = [nameserver],
    search,
    ndots,
    options: more = [],
  } = network.resolver
  const resolverOptions = [...(ndots === 1 ? [] : [`ndots:${ndots}`]), ...more]
  return new Map<string, () => string>([
    [
      '/etc/resolv.conf',
      () =>
        [
          ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
          ...nameservers.map((server) => `nameserver ${server}`),
          ...(resolverOptions.length === 0 ? [] : [`options ${resolverOptions.join(' ')}`]),
          '',
        ].join('\n'),
    ],
    [
      '/etc/hosts',
      () =>
        [
          '# Kubernetes-managed hosts file.',
          '127.0.0.1\tlocalhost',
          '::1\tlocalhost ip6-localhost ip6-loopback',
          'fe00::0\tip6-localnet',
          'fe00::0\tip6-mcastprefix',
          'fe00::1\tip6-allnodes',
          'fe00::2\tip6-allrouters',
          `${network.address}\t${fullHostname(pod, network)}`,
          ...hostAliases(pod),
          '',
        ].join('\n'),
    ],
    ...procNetFiles(network),
    ['/etc/hostname', () => `${network.hostname}\n`],
    ['/proc/sys/kernel/hostname', () => `${network.hostname}\n`],
    [
      '/proc/uptime',
      () => {
        const seconds = (options.uptimeMs() / 1000).toFixed(2)
        return `${seconds} ${seconds}\n`
      },
    ],
    ['/proc/loadavg', () => '0.08 0.03 0.01 1/128 42\n'],
    ['/proc/version', () => 'Linux version 6.8.0 (netpol-lab@simulated) #1 SMP\n'],
  ])
}

function hostAliases(pod: Pod): string[] {
  const aliases = pod.spec.hostAliases ?? []
  if (aliases.length === 0) return []
  const lines = aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'))
  return ['', '# Entries added by HostAliases.', ...lines]
}

function fullHostname(pod: Pod, network: PodNetwork): string {
  if (pod.spec.subdomain === undefined) return network.hostname
  const domain = `${pod.spec.subdomain}.${pod.metadata.namespace ?? 'default'}.svc.cluster.local`
  return `${network.hostname}.${domain}\t${network.hostname}`
}
