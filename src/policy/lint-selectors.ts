import { matchesSelector, meets } from '../kube/label-selector.ts'
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer } from '../kube/objects.ts'
import { compilePolicy, peerFailure } from './compile.ts'
import type { LintFinding } from './lint.ts'
import { USUAL_DNS } from './lint-dns.ts'
import { finding, type LintScene, podName, some, subjectsOf } from './lint-scene.ts'
import { rulePartsOf } from './rule-parts.ts'
import { selectorText } from './selector-text.ts'
import type { PolicyState } from './types.ts'

/** Selectors that match nothing, or more than they look like. */
export function lintSelectors(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  if (!scene.hasPods) return []
  return [...subjectFindings(policy, scene), ...peerFindings(policy, scene)]
}

function subjectFindings(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  const compiled = compilePolicy(policy)
  const { namespace, subject } = compiled
  const path = ['spec', 'podSelector']
  const own = scene.pods.filter(({ pod }) => pod.namespace === namespace)
  const findings = notInFindings(
    policy,
    subject,
    path,
    own.map((one) => ({ name: podName(one), labels: one.pod.labels })),
    'pod',
  )
  if (subjectsOf(compiled, scene).length > 0) return findings
  const matching = scene.pods.filter(({ pod }) => matchesSelector(subject, pod.labels))
  const hosts = matching.filter(({ pod }) => pod.namespace === namespace)
  if (hosts.length > 0) {
    return [
      ...findings,
      finding('selects-host-network', policy, path, {
        found: `It selects only pods on the network of their node: ${some(hosts.map(podName))}.`,
        consequence: 'Policies do not govern such pods, so this one does nothing.',
        repair: 'Leave hostNetwork out of the pods, or limit the node by other means.',
      }),
    ]
  }
  const text = selectorText(subject)
  const elsewhere = [...new Set(matching.map(({ pod }) => pod.namespace))]
  return [
    ...findings,
    finding('selects-no-pod', policy, path, {
      found:
        text === ''
          ? `There is no pod in namespace ${namespace}.`
          : `No pod in namespace ${namespace} has ${text}.`,
      consequence: 'The policy does nothing.',
      repair:
        text !== '' && elsewhere.length > 0
          ? `Pods with these labels are in ${some(elsewhere)}: a policy selects pods of its own namespace only, so set metadata.namespace.`
          : nearRepair(
              subject,
              own.map(({ pod }) => pod.labels),
            ),
    }),
  ]
}

/** Names a label that nearly fits, or where to look. */
function nearRepair(
  selector: LabelSelector,
  candidates: readonly Readonly<Record<string, string>>[],
): string {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    const values = candidates.flatMap((labels) => (labels[key] === undefined ? [] : [labels[key]]))
    if (values.length > 0 && !values.includes(value)) {
      return `Pods there have ${some(values.map((own) => `${key}=${own}`))}. Correct ${key}=${value}, or label the pods (in the pod template, not in the Deployment's own metadata).`
    }
    if (values.length === 0 && candidates.length > 0) {
      return `No pod there has a label ${key}. Compare with kubectl get pods --show-labels; what counts are the labels of the pod template.`
    }
  }
  return 'Compare with kubectl get pods --show-labels; what counts are the labels of the pod template.'
}

function peerFindings(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  const compiled = compilePolicy(policy)
  return rulePartsOf(policy).flatMap(({ peers, path, peerField }) => {
    const [, field = '', digits = '0'] = /^spec\.(\w+)\[(\d+)\]$/.exec(path) ?? []
    const rules = field === 'ingress' ? compiled.ingress : compiled.egress
    const rule = rules?.[Number(digits)]
    return peers.flatMap((peer, item) => {
      const place = ['spec', field, Number(digits), peerField, item]
      const read = rule?.peers[item]
      if (read === undefined || read.kind === 'block') return []
      const findings = peerNotIn(policy, peer, place, scene)
      if (scene.pods.some(({ end }) => peerFailure(read, end) === undefined)) return findings
      // Manifests of an application leave out the cluster's own DNS.
      const knowsDns = scene.pods.some(({ pod }) => pod.namespace === 'kube-system')
      if (!knowsDns && peerFailure(read, USUAL_DNS) === undefined) return findings
      return [...findings, noPeer(policy, peer, place, scene)]
    })
  })
}

function noPeer(
  policy: NetworkPolicy,
  { podSelector, namespaceSelector }: NetworkPolicyPeer,
  path: LintFinding['path'],
  { world, pods }: LintScene,
): LintFinding {
  const { state } = world
  const home = policy.metadata.namespace ?? 'default'
  const consequence = 'This entry allows nobody.'
  const withLabels = pods.filter(({ pod }) => matchesSelector(podSelector ?? {}, pod.labels))
  const text = selectorText(podSelector ?? {})
  const who = text === '' ? 'pod' : `pod with ${text}`
  if (namespaceSelector == null) {
    const others = withLabels.filter(({ pod }) => pod.namespace !== home)
    if (others.length > 0) {
      // Pods that only look like the cluster's DNS are not who is meant.
      const isDns = text !== '' && matchesSelector(podSelector ?? {}, USUAL_DNS.pod.labels)
      const there = isDns ? USUAL_DNS.pod.namespace : (others[0]?.pod.namespace ?? 'NAME')
      return finding('own-namespace-only', policy, path, {
        found: `No ${who} is in namespace ${home}; there are some in ${some(others.map(({ pod }) => pod.namespace))}.`,
        consequence: `A podSelector alone looks in the policy's own namespace only. ${consequence}`,
        repair: `Add to the same entry, without a dash of its own: namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${there}}}`,
      })
    }
    return finding('peer-matches-no-pod', policy, path, {
      found: `No ${who} is in namespace ${home}.`,
      consequence,
      repair: nearRepair(
        podSelector ?? {},
        pods.filter(({ pod }) => pod.namespace === home).map(({ pod }) => pod.labels),
      ),
    })
  }
  const namespaces = matchingNamespaces(namespaceSelector, state)
  if (namespaces.length === 0) {
    const asked = Object.values(namespaceSelector.matchLabels ?? {})
    const named = state.namespaces.find(({ name }) => asked.includes(name))
    return finding('peer-matches-no-namespace', policy, [...path, 'namespaceSelector'], {
      found: `No namespace has ${selectorText(namespaceSelector)}.`,
      consequence,
      repair:
        named === undefined
          ? 'Compare with kubectl get namespaces --show-labels. Only kubernetes.io/metadata.name is there by itself.'
          : `A namespace does not have its name as any label but one: write kubernetes.io/metadata.name: ${named.name}`,
    })
  }
  const names = namespaces.map(({ name }) => name)
  const hosts = withLabels.filter(({ pod }) => names.includes(pod.namespace))
  return finding('peer-matches-no-pod', policy, path, {
    found:
      hosts.length > 0
        ? `Only pods on the network of their node match: ${some(hosts.map(podName))}.`
        : `No ${who} is in namespace ${some(names)}.`,
    consequence,
    repair:
      hosts.length > 0
        ? 'Selectors do not match such pods. Their connections come from the address of the node: allow that with ipBlock.'
        : nearRepair(
            podSelector ?? {},
            pods.filter(({ pod }) => names.includes(pod.namespace)).map(({ pod }) => pod.labels),
          ),
  })
}

function peerNotIn(
  policy: NetworkPolicy,
  { podSelector, namespaceSelector }: NetworkPolicyPeer,
  path: LintFinding['path'],
  { world, pods }: LintScene,
): readonly LintFinding[] {
  const home = policy.metadata.namespace ?? 'default'
  const names =
    namespaceSelector == null
      ? [home]
      : matchingNamespaces(namespaceSelector, world.state).map(({ name }) => name)
  return [
    ...notInFindings(
      policy,
      podSelector ?? {},
      [...path, 'podSelector'],
      pods
        .filter(({ pod }) => names.includes(pod.namespace))
        .map((one) => ({ name: podName(one), labels: one.pod.labels })),
      'pod',
    ),
    ...notInFindings(
      policy,
      namespaceSelector ?? {},
      [...path, 'namespaceSelector'],
      world.state.namespaces,
      'namespace',
    ),
  ]
}

/** `NotIn` where something without the key is matched by it. */
function notInFindings(
  policy: NetworkPolicy,
  selector: LabelSelector,
  path: LintFinding['path'],
  candidates: readonly {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
  }[],
  what: 'pod' | 'namespace',
): readonly LintFinding[] {
  const expressions = selector.matchExpressions ?? []
  return expressions.flatMap((expression, index) => {
    const { key, operator, values = [] } = expression
    if (operator !== 'NotIn') return []
    const without = candidates.filter(
      ({ labels }) =>
        !Object.hasOwn(labels, key) &&
        matchesSelector(selector, labels) &&
        meets(expression, labels),
    )
    if (without.length === 0) return []
    return [
      finding('not-in-without-key', policy, [...path, 'matchExpressions', index], {
        found: `${key} NotIn (${values.join(', ')}) matches every ${what} without a label ${key}, too.`,
        consequence: `It matches ${some(without.map(({ name }) => name))}, which ${without.length === 1 ? 'has' : 'have'} no such label.`,
        repair: `If only ${what}s with the label are meant, add {key: ${key}, operator: Exists}.`,
      }),
    ]
  })
}

function matchingNamespaces(
  selector: LabelSelector,
  { namespaces }: PolicyState,
): PolicyState['namespaces'] {
  return namespaces.filter(({ name, labels }) =>
    matchesSelector(selector, { ...labels, 'kubernetes.io/metadata.name': name }),
  )
}
