import type { DnsQuestion, DnsRecord } from '../dns/message.ts'
import type { DnsAnswer } from '../dns/name-server.ts'
import { answerDnsQuery, createTcpDeframer, frameForTcp } from '../dns/name-server.ts'
import { serveHttp } from '../http/serve-http.ts'
import { acceptTls } from '../http/tls.ts'
import type { Connection } from '../ports.ts'
import { answerLookingGlass } from './looking-glass.ts'
import type { NetworkCore } from './network-core.ts'
import type { OutsideHost, OutsideService } from './outside-world.ts'

const TTL = 300

/** Speaks for one port of an outside host until the connection ends. */
export async function serveOutside(
  service: OutsideService,
  host: OutsideHost,
  core: NetworkCore,
  connection: Connection,
): Promise<void> {
  const { world, clock } = core
  switch (service) {
    case 'looking-glass':
      await serveHttp(connection, (request) =>
        answerLookingGlass(request, { clock, world, network: core.outside(host.address) }),
      )
      return
    case 'https':
    case 'http': {
      const channel = service === 'http' ? connection : await acceptTls(connection, 'public')
      if (channel === undefined) {
        connection.close()
        return
      }
      await serveHttp(channel, () => ({
        status: 200,
        headers: [
          ['Server', host.server ?? 'nginx'],
          ['Date', new Date(clock.now()).toUTCString()],
          ['Content-Type', 'text/html'],
        ],
        body: page(host),
      }))
      return
    }
    case 'dns-udp':
      for await (const datagram of connection.incoming) {
        const reply = await answerDnsQuery(datagram, {
          overTcp: false,
          resolve: (question) => answerFromOutside(world, question),
        })
        if (reply !== undefined) connection.send(reply)
      }
      connection.close()
      return
    case 'dns-tcp': {
      const take = createTcpDeframer()
      for await (const chunk of connection.incoming) {
        for (const message of take(chunk)) {
          const reply = await answerDnsQuery(message, {
            overTcp: true,
            resolve: (question) => answerFromOutside(world, question),
          })
          if (reply !== undefined) connection.send(frameForTcp(reply))
        }
      }
      connection.close()
      return
    }
  }
}

/** What a public resolver says: the names of the outside world, and NXDOMAIN for every other. */
export function answerFromOutside(world: readonly OutsideHost[], question: DnsQuestion): DnsAnswer {
  const asked = question.name.toLowerCase()
  const negative = (rcode: 'NOERROR' | 'NXDOMAIN'): DnsAnswer => ({
    rcode,
    authoritative: false,
    answers: [],
    authorities: [rootSoa()],
  })
  if (asked.endsWith('.in-addr.arpa')) {
    const address = asked.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.')
    const target = world.find((host) => host.address === address)?.names[0]
    if (target === undefined) return negative('NXDOMAIN')
    if (question.type !== 'PTR') return negative('NOERROR')
    return {
      rcode: 'NOERROR',
      authoritative: false,
      answers: [{ name: question.name, ttl: TTL, type: 'PTR', target }],
    }
  }
  const hosts = world.filter((host) => host.names.includes(asked))
  if (hosts.length === 0) return negative('NXDOMAIN')
  if (question.type !== 'A' && question.type !== 'ANY') return negative('NOERROR')
  return {
    rcode: 'NOERROR',
    authoritative: false,
    answers: hosts.map((host) => ({
      name: question.name,
      ttl: TTL,
      type: 'A',
      address: host.address,
    })),
  }
}

function rootSoa(): DnsRecord {
  return {
    name: '',
    ttl: TTL,
    type: 'SOA',
    primary: 'a.root-servers.net',
    mailbox: 'nstld.verisign-grs.com',
    serial: 2026112300,
    refresh: 1800,
    retry: 900,
    expire: 604_800,
    minimum: 86_400,
  }
}

function page(host: OutsideHost): string {
  const title = host.title ?? host.names[0] ?? host.address
  return `<!doctype html>
<html>
<head>
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
</body>
</html>
`
}
