import type { KubeClient } from '../kube/client.ts'
import { type ExecTarget, runScript } from './pod-exec.ts'
import type { ProbeFacts } from './types.ts'

/** The part of a pod's resolv.conf that decides what is asked, and whom. */
export interface Resolver {
  readonly nameserver: string
  readonly search: readonly string[]
  readonly ndots: number
}

export type NameResult =
  | {
      readonly kind: 'resolved'
      readonly name: ProbeFacts['name']
      readonly seconds: number
      readonly nameserver: string
    }
  | { readonly kind: 'not-run'; readonly reason: string }

/** An answer, also "there is none", comes at once; BusyBox nslookup gives up after 5 seconds. */
const SLOW_SECONDS = 3.5
/** True in a script of `runScript` while nothing has been waited for; `$a` is when it began. Whole seconds tell it. */
const NOT_WAITED = 'read m _ </proc/uptime; [ $((${m%.*} - ${a%.*})) -lt 4 ]'
/** The name server of kubeadm clusters, for a pod that does not say. */
const DEFAULT_NAMESERVER = '10.96.0.10'

/** Reads a resolv.conf. */
export function parseResolver(text: string): Resolver {
  let nameserver = DEFAULT_NAMESERVER
  let search: readonly string[] = []
  let ndots = 1
  for (const line of text.split('\n').toReversed()) {
    const [keyword, ...words] = line.trim().split(/\s+/)
    const [first] = words
    if (keyword === 'nameserver' && first !== undefined) nameserver = first
    else if (keyword === 'search' || keyword === 'domain') search = words
    else if (keyword === 'options') {
      const option = words.find((word) => word.startsWith('ndots:'))
      if (option !== undefined) ndots = Number(option.slice('ndots:'.length))
    }
  }
  return { nameserver, search, ndots }
}

/** The full names that a resolver asks for, in its order. A dot at the end skips the search list. */
export function candidatesOf(name: string, { search, ndots }: Resolver): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const dots = name.split('.').length - 1
  const expanded = search.map((domain) => `${name}.${domain}`)
  return dots >= ndots ? [name, ...expanded] : [...expanded, name]
}

/** Resolvers of pods, by uid: a pod keeps its resolv.conf for life. */
export type ResolverMemory = Map<string, Resolver>

/**
 * Looks a name up from a pod as its resolver would, one full name after the other: BusyBox nslookup leaves the search
 * list out for names with a dot. Exit status and time tell what happened.
 */
export async function resolveName(
  client: KubeClient,
  target: ExecTarget,
  name: string,
  options: { readonly signal: AbortSignal; readonly memory: ResolverMemory },
): Promise<NameResult> {
  const { signal, memory } = options
  let resolver = memory.get(target.uid)
  if (resolver === undefined) {
    const conf = await runScript(client, target, 'cat /etc/resolv.conf', signal)
    if (conf.kind === 'not-run') return conf
    resolver = parseResolver(conf.text)
    memory.set(target.uid, resolver)
  }
  const { nameserver } = resolver
  let seconds = 0
  /** The first of the names that is answered. */
  const ask = async (names: readonly string[]) => {
    const commands = names.map((one) => `nslookup -type=a ${quote(one)} ${quote(nameserver)} 2>&1`)
    const result = await runScript(client, target, oneAfterTheOther(commands), signal)
    if (result.kind === 'ran') seconds += result.seconds
    return result
  }
  const asked = await ask(candidatesOf(name, resolver))
  if (asked.kind === 'not-run') return asked
  const address = asked.code === 0 ? answeredAddress(asked.text) : undefined
  if (address !== undefined) {
    return { kind: 'resolved', name: { kind: 'answered', address }, seconds, nameserver }
  }
  if (asked.code !== 0 && asked.seconds >= SLOW_SECONDS) {
    return { kind: 'resolved', name: { kind: 'unreachable' }, seconds, nameserver }
  }
  // Failed at once: an answer, or a rejected packet. Names that clusters have tell them apart.
  const services = `svc.${clusterDomain(resolver)}`
  const result = await ask([`kubernetes.default.${services}`, `kube-dns.kube-system.${services}`])
  if (result.kind === 'not-run') return result
  const kind = result.code === 0 ? ('no-such-name' as const) : ('unreachable' as const)
  return { kind: 'resolved', name: { kind }, seconds, nameserver }
}

/** Asks an address over UDP as if it were a name server: an answer of any kind is an answer. */
export async function askNameServer(
  client: KubeClient,
  target: ExecTarget,
  address: string,
  signal: AbortSignal,
): Promise<
  | { readonly kind: 'ran'; readonly answered: boolean; readonly seconds: number }
  | { readonly kind: 'not-run'; readonly reason: string }
> {
  const command = `nslookup -type=a kubernetes.default.svc.cluster.local ${quote(address)} >/dev/null 2>&1`
  const result = await runScript(client, target, command, signal)
  if (result.kind === 'not-run') return result
  const answered = result.code === 0 || result.seconds < SLOW_SECONDS
  return { kind: 'ran', answered, seconds: result.seconds }
}

/** A command line that goes on to the next lookup where one failed at once: a resolver does not go on when nobody answers. */
function oneAfterTheOther(commands: readonly string[]): string {
  return commands.reduceRight((rest, command) => `${command} || { ${NOT_WAITED} && { ${rest}; }; }`)
}

function clusterDomain({ search }: Resolver): string {
  const services = search.find((domain) => domain.startsWith('svc.'))
  return services === undefined ? 'cluster.local' : services.slice('svc.'.length)
}

/** The first address of the last answer, after the name server's own. Lookups that failed before it have none. */
function answeredAddress(text: string): string | undefined {
  const addresses = text
    .slice(Math.max(0, text.lastIndexOf('Server:')))
    .split('\n')
    .map((line) => /^Address(?: \d+)?:\s+(\S+)/.exec(line)?.[1])
    .filter((address) => address !== undefined)
  return addresses.slice(1).find((address) => !address.includes(':'))
}

/** One word for `sh`. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
