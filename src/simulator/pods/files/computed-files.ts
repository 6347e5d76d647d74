import type { Pod } from '../../../kube/objects.ts'
import type { PodNetwork } from '../../ports.ts'
import type { ComputedFiles } from './file-tree.ts'
import { PROC_NET_FILES } from './proc-net.ts'

/** What these files tell of. */
interface ContainerFacts {
  /** The names of the pod's own address, as `/etc/hosts` lists them. */
  readonly names: string
  readonly aliases: Pod['spec']['hostAliases']
  readonly network: PodNetwork
  readonly uptimeMs: () => number
}

/** One table for all containers of all pods: there may be thousands of them. */
const FILES: ReadonlyMap<string, (facts: ContainerFacts) => string> = new Map([
  ['/etc/resolv.conf', ({ network }: ContainerFacts) => resolvConf(network)],
  ['/etc/hosts', hosts],
  ...PROC_NET_FILES.map(
    ([path, read]) => [path, ({ network }: ContainerFacts) => read(network)] as const,
  ),
  ['/etc/hostname', ({ network }) => `${network.hostname}\n`],
  ['/proc/sys/kernel/hostname', ({ network }) => `${network.hostname}\n`],
  [
    '/proc/uptime',
    ({ uptimeMs }) => {
      const seconds = (uptimeMs() / 1000).toFixed(2)
      return `${seconds} ${seconds}\n`
    },
  ],
  ['/proc/loadavg', () => '0.08 0.03 0.01 1/128 42\n'],
  ['/proc/version', () => 'Linux version 6.8.0 (netpol-lab@simulated) #1 SMP\n'],
])

/** The files that a kubelet and a kernel write for a container. */
export class KernelFiles implements ComputedFiles {
  private readonly facts: ContainerFacts

  constructor(options: {
    readonly pod: Pod
    readonly network: PodNetwork
    readonly uptimeMs: () => number
  }) {
    const { pod, network, uptimeMs } = options
    // Not the pod itself: it changes, and what was would be kept for as long as the container runs.
    const aliases = pod.spec.hostAliases
    this.facts = { names: namesOf(pod, network), aliases, network, uptimeMs }
  }

  get(path: string): (() => string) | undefined {
    const read = FILES.get(path)
    return read === undefined ? undefined : () => read(this.facts)
  }

  has(path: string): boolean {
    return FILES.has(path)
  }

  keys(): Iterable<string> {
    return FILES.keys()
  }
}

function resolvConf(network: PodNetwork): string {
  const {
    nameserver,
    nameservers = [nameserver],
    search,
    ndots,
    options: more = [],
  } = network.resolver
  const options = [...(ndots === 1 ? [] : [`ndots:${ndots}`]), ...more]
  return [
    ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n')
}

function hosts({ names, aliases, network }: ContainerFacts): string {
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${network.address}\t${names}`,
    ...aliasLines(aliases),
    '',
  ].join('\n')
}

function aliasLines(aliases: ContainerFacts['aliases'] = []): string[] {
  if (aliases.length === 0) return []
  const lines = aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'))
  return ['', '# Entries added by HostAliases.', ...lines]
}

function namesOf(pod: Pod, network: PodNetwork): string {
  if (pod.spec.subdomain === undefined) return network.hostname
  const domain = `${pod.spec.subdomain}.${pod.metadata.namespace ?? 'default'}.svc.cluster.local`
  return `${network.hostname}.${domain}\t${network.hostname}`
}
