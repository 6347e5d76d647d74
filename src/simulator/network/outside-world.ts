/**
 * The hosts that the simulated cluster can reach outside itself. To add one, add a row. Addresses are those of the
 * document and of the recordings; everything else that nobody lists here is owned by nobody.
 */
export type OutsideService = 'http' | 'https' | 'dns-udp' | 'dns-tcp' | 'looking-glass'

export interface OutsideHost {
  /** Names that resolve to it; the first is what its address resolves back to. */
  readonly names: readonly string[]
  readonly address: string
  readonly ports: readonly {
    readonly port: number
    readonly protocol: 'TCP' | 'UDP'
    readonly service: OutsideService
  }[]
  readonly answersPing: boolean
  /** One way, in milliseconds. */
  readonly delayMs: number
  /** `Server:` of its answers. */
  readonly server?: string
  readonly title?: string
}

const http = { port: 80, protocol: 'TCP', service: 'http' } as const
const https = { port: 443, protocol: 'TCP', service: 'https' } as const
const dns = [
  { port: 53, protocol: 'UDP', service: 'dns-udp' },
  { port: 53, protocol: 'TCP', service: 'dns-tcp' },
] as const

/** The name server of the nodes' own network, which CoreDNS forwards to (kind: the engine's gateway). */
export const NODE_NAME_SERVER = '172.18.0.1'

export const OUTSIDE_WORLD: readonly OutsideHost[] = [
  {
    names: ['www.example.com', 'example.com'],
    address: '93.184.216.34',
    ports: [http, https],
    answersPing: true,
    delayMs: 2,
    title: 'Example Domain',
  },
  {
    names: ['google.com', 'www.google.com'],
    address: '74.125.129.101',
    ports: [http, https],
    answersPing: true,
    delayMs: 1.5,
    server: 'gws',
    title: 'Google',
  },
  {
    names: ['dns.google'],
    address: '8.8.8.8',
    ports: [...dns, https],
    answersPing: true,
    delayMs: 1.2,
  },
  {
    names: ['dns.google'],
    address: '8.8.4.4',
    ports: [...dns, https],
    answersPing: true,
    delayMs: 1.2,
  },
  {
    names: ['one.one.one.one'],
    address: '1.1.1.1',
    ports: [...dns, http, https],
    answersPing: true,
    delayMs: 1,
    server: 'cloudflare',
  },
  {
    names: ['one.one.one.one'],
    address: '1.0.0.1',
    ports: [...dns, http, https],
    answersPing: true,
    delayMs: 1,
    server: 'cloudflare',
  },
  {
    names: ['kubernetes.io', 'www.kubernetes.io'],
    address: '147.75.40.148',
    ports: [http, https],
    answersPing: true,
    delayMs: 2.5,
    server: 'Netlify',
    title: 'Production-Grade Container Orchestration',
  },
  {
    // Somebody else's machine that looks at the cluster from outside when it is asked to.
    names: ['looking-glass.example.net'],
    address: '203.0.113.10',
    ports: [{ port: 80, protocol: 'TCP', service: 'looking-glass' }],
    answersPing: true,
    delayMs: 3,
  },
  { names: [], address: NODE_NAME_SERVER, ports: dns, answersPing: true, delayMs: 0.1 },
]
