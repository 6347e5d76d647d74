/** What the engine and its tests need: they run in a copy. */
export const COPIED = [
  'src/base',
  'src/kube',
  'src/policy',
  'scripts/bench/generated-cluster.ts',
  'test/policy',
  'package.json',
  'tsconfig.json',
]

/**
 * One-line mutants of the policy engine: each breaks one rule of NetworkPolicy. `line` stands once in `file`, which lies in src/policy.
 * @type {readonly {says: string, file: string, line: string, instead: string}[]}
 */
export const mutants = [
  {
    says: 'the last port of a range is outside it',
    file: 'compile.ts',
    line: 'flow.port <= (entry.endPort ?? entry.port)',
    instead: 'flow.port <= (entry.endPort === undefined ? entry.port : entry.endPort - 1)',
  },
  {
    says: 'an entry opens its port for every protocol',
    file: 'compile.ts',
    line: "if (entry.protocol !== flow.protocol) return 'protocol'",
    instead: '',
  },
  {
    says: 'a bare podSelector looks in every namespace',
    file: 'compile.ts',
    line: "if (end.pod.namespace !== peer.home) return 'namespace'",
    instead: '',
  },
  {
    says: 'exceptions of a block are ignored',
    file: 'compile.ts',
    line: "? 'except'",
    instead: '? undefined',
  },
  {
    says: 'a namespaceSelector takes no notice of pod labels',
    file: 'compile.ts',
    line: "return matchesSelector(peer.podSelector, end.pod.labels) ? undefined : 'pod-labels'",
    instead:
      "return peer.namespaceSelector !== undefined || matchesSelector(peer.podSelector, end.pod.labels) ? undefined : 'pod-labels'",
  },
  {
    says: 'a named port goes by its name alone, whatever the protocol',
    file: 'compile.ts',
    line: '.filter(({ name, protocol }) => name === entry.port && protocol === entry.protocol)',
    instead: '.filter(({ name }) => name === entry.port)',
  },
  {
    says: 'an empty egress list adds Egress to the types',
    file: 'default.ts',
    line: "return spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']",
    instead: "return ['Ingress', 'Egress']",
  },
  {
    says: 'rules isolate a pod for a direction that is not listed',
    file: 'compile.ts',
    line: "egress: types.includes('Egress') ? rules(egress) : undefined,",
    instead: "egress: types.includes('Egress') || egress.length > 0 ? rules(egress) : undefined,",
  },
  {
    says: 'host bits of a block move its start',
    file: 'address.ts',
    line: 'const first = value - (value % size)',
    instead: 'const first = value',
  },
  {
    says: 'what a pod sends to itself is policed',
    file: 'evaluate.ts',
    line: "if (subject === peer && flow.viaService !== true) return { exempt: 'itself' }",
    instead: '',
  },
  {
    says: 'a node may not reach its own pods',
    file: 'evaluate.ts',
    line: "if (peer.kind === 'host' && peer.node !== undefined && peer.node === subject.pod.node) {",
    instead: "if (peer.kind === 'host' && peer.node === 'none') {",
  },
  {
    says: 'selectors match pods on the network of their node',
    file: 'compile.ts',
    line: "if (end.kind === 'host') return end.pod === undefined ? 'not-a-pod' : 'host-network'",
    instead: "if (end.kind === 'host') return end.pod === undefined ? 'not-a-pod' : undefined",
  },
  {
    says: 'a block is held against an address that the connection does not use',
    file: 'families.ts',
    line: 'if (named !== undefined) return [named]',
    instead: '',
  },
]
