import type { NetworkPolicy } from '../kube/objects.ts'
import { type CompiledPort, namedPorts } from './compile.ts'
import type { LintFinding } from './lint.ts'
import { DNS_PORTS } from './lint-dns.ts'
import {
  finding,
  type LintPod,
  type LintRule,
  type LintScene,
  lintRules,
  podName,
  ruleText,
  servicesOf,
  some,
} from './lint-scene.ts'

/** Ports that no destination listens on, as far as it declares what it listens on. */
export function lintPorts(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  return lintRules(policy, scene).flatMap((rule) =>
    rule.rule.ports.flatMap((entry, item) => {
      const path = [...rule.path, 'ports', item]
      const found =
        replyPorts(policy, rule, entry, path) ??
        (rule.destinations.length === 0
          ? undefined
          : typeof entry.port === 'string'
            ? unknownName(policy, rule, entry, path, scene)
            : wrongNumber(policy, rule, entry, path, scene))
      return found === undefined ? [] : [found]
    }),
  )
}

function unknownName(
  policy: NetworkPolicy,
  { rule, direction, destinations, subjects, peers }: LintRule,
  entry: CompiledPort,
  path: LintFinding['path'],
  scene: LintScene,
): LintFinding | undefined {
  if (destinations.some(({ end }) => namedPorts(entry, end).length > 0)) return undefined
  const name = String(entry.port)
  const declared = destinations.flatMap(({ pod }) => pod.ports)
  const sameName = declared.find((port) => port.name === name)
  const otherCase = declared.find((port) => port.name?.toLowerCase() === name.toLowerCase())
  const clients = direction === 'Ingress' ? peers : subjects
  const ofClient =
    rule.peers.length > 0 && clients.some(({ pod }) => pod.ports.some((port) => port.name === name))
  const service = destinations
    .flatMap(({ pod }) => servicesOf(pod, scene))
    .find(({ spec }) => spec.ports?.some((port) => port.name === name))
  const names = declared.flatMap((port) =>
    port.name === undefined ? [] : [`${port.name} (${port.port}/${port.protocol})`],
  )
  return finding('unknown-port-name', policy, path, {
    found: `No container of ${some(destinations.map(podName))} has a ${entry.protocol} port named ${name}.`,
    consequence: 'This port allows nothing.',
    repair:
      sameName !== undefined
        ? `${name} is a ${sameName.protocol} port there: write protocol: ${sameName.protocol}.`
        : otherCase?.name !== undefined
          ? `Names are exact: write ${otherCase.name}.`
          : service !== undefined
            ? `${name} is a port of service ${service.metadata.name}. Policies look for names in the containers of the destination: name the container's port, or write its number.`
            : ofClient
              ? `Only the client has a port of that name. Names are looked up on the destination.`
              : names.length > 0
                ? `Named there: ${some(names)}. Or write the number.`
                : 'Write the number, or name the port in the containers.',
  })
}

function wrongNumber(
  policy: NetworkPolicy,
  { rule, destinations }: LintRule,
  { port, endPort, protocol }: CompiledPort,
  path: LintFinding['path'],
  scene: LintScene,
): LintFinding | undefined {
  if (typeof port !== 'number' || (endPort !== undefined && endPort !== port)) return undefined
  const declares = ({ pod }: LintPod, of: string) =>
    pod.ports.some((own) => own.port === port && own.protocol === of)
  if (destinations.some((one) => declares(one, protocol))) return undefined
  for (const { pod } of destinations) {
    for (const service of servicesOf(pod, scene)) {
      for (const its of service.spec.ports ?? []) {
        if (its.port !== port || (its.protocol ?? 'TCP') !== protocol) continue
        const { targetPort } = its
        const target =
          typeof targetPort === 'string'
            ? pod.ports.find((own) => own.name === targetPort && own.protocol === protocol)?.port
            : targetPort
        if (target === undefined || target === port || service.spec.clusterIP === 'None') continue
        return finding('service-port', policy, path, {
          found: `${port} is the port of service ${service.metadata.name}; its pods listen on ${target}.`,
          consequence: `Policies see the port of the pod: connections to ${service.metadata.name}:${port} arrive on ${target} and are not allowed by this port.`,
          repair: `Write port: ${target}.`,
        })
      }
    }
  }
  const other = (['TCP', 'UDP', 'SCTP'] as const).find(
    (one) => one !== protocol && destinations.some((each) => declares(each, one)),
  )
  // DNS is looked at by itself, and the same port of both protocols is written on purpose.
  if (
    other === undefined ||
    DNS_PORTS.includes(port) ||
    rule.ports.some((entry) => entry.port === port && entry.protocol === other)
  ) {
    return undefined
  }
  const holder = destinations.filter((each) => declares(each, other)).map(podName)
  return finding('other-protocol', policy, path, {
    found: `${some(holder)} ${holder.length === 1 ? 'listens' : 'listen'} on ${port}/${other}, not on ${port}/${protocol}.`,
    consequence:
      protocol === 'TCP'
        ? 'This port allows TCP only, which is also what a port without protocol means.'
        : `This port allows ${protocol} only.`,
    repair: `Write protocol: ${other}.`,
  })
}

/** A wide range of high ports is nearly always meant for replies. */
function replyPorts(
  policy: NetworkPolicy,
  rule: LintRule,
  { port, endPort }: CompiledPort,
  path: LintFinding['path'],
): LintFinding | undefined {
  const isWide =
    typeof port === 'number' &&
    port >= 1024 &&
    port <= 32_768 &&
    endPort !== undefined &&
    endPort >= 60_999
  if (!isWide) return undefined
  return finding('reply-ports', policy, path, {
    found: `${ruleText(rule)} allows all ports from ${port} to ${endPort}.`,
    consequence:
      'Replies need no rule: they belong to a connection that is allowed. This opens new connections to all these ports.',
    repair: 'If it is meant for replies, delete this port.',
  })
}
