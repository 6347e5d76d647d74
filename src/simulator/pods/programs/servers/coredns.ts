import { answerFromCluster, CLUSTER_DOMAIN } from '../../../dns/cluster-zone.ts'
import type { DnsQuestion } from '../../../dns/message.ts'
import {
  answerDnsQuery,
  createTcpDeframer,
  type DnsAnswer,
  frameForTcp,
} from '../../../dns/name-server.ts'
import { exchangeDns, readResolvConf } from '../../net/resolver.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { listen, listenHttp, untilStopped } from './serving.ts'

/** The resolver of the node's network, for a pod whose own resolv.conf leads back to CoreDNS. */
const NODE_NAME_SERVER = '172.18.0.1'
const FORWARD_TIMEOUT_MS = 2000
/** How many aliases of the cluster are followed for one question. */
const MOST_ALIASES = 7

/** CoreDNS with kind's Corefile: the cluster's zone from the live objects, every other name forwarded. */
export const coredns: Program = async (context) => {
  const resolve = (question: DnsQuestion) => answerQuestion(context, question, 0)
  listen(context, 53, 'UDP', async (connection) => {
    for await (const datagram of connection.incoming) {
      // Questions wait for each other only at the client.
      answerDnsQuery(datagram, { overTcp: false, resolve }).then((reply) => {
        if (reply !== undefined) connection.send(reply)
      }, ignoreEnd)
    }
  })
  listen(context, 53, 'TCP', async (connection) => {
    const take = createTcpDeframer()
    for await (const chunk of connection.incoming) {
      for (const message of take(chunk)) {
        const reply = await answerDnsQuery(message, { overTcp: true, resolve })
        if (reply !== undefined) connection.send(frameForTcp(reply))
      }
    }
  })
  listenHttp(context, 9153, () => ({
    status: 200,
    headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']],
    body: '# HELP coredns_build_info A metric with a constant \'1\' value labeled by version, revision, and goversion from which CoreDNS was built.\n# TYPE coredns_build_info gauge\ncoredns_build_info{goversion="go1.21.11",revision="51e11f1",version="1.11.3"} 1\n',
  }))
  listenHttp(context, 8080, () => ({
    status: 200,
    headers: [['Content-Type', 'text/plain']],
    body: 'OK',
  }))
  listenHttp(context, 8181, () => ({
    status: 200,
    headers: [['Content-Type', 'text/plain']],
    body: 'OK',
  }))
  const stopped = untilStopped(context)
  await context.stdout.write(
    '.:53\n[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908\nCoreDNS-1.11.3\nlinux/amd64, go1.21.11, a6338e9\n',
  )
  return stopped
}

/** The pod ended while it answered: nobody waits any more. */
function ignoreEnd(): void {}

async function answerQuestion(
  context: ProgramContext,
  question: DnsQuestion,
  depth: number,
): Promise<DnsAnswer> {
  const { view, clock } = context.container
  const own = answerFromCluster(view, question, { serial: Math.floor(clock.now() / 1000) })
  if (own === undefined) return forward(context, question)
  // A service of type ExternalName is an alias: its target's records come with it.
  const alias = own.answers.find((record) => record.type === 'CNAME')
  if (alias?.type !== 'CNAME' || question.type === 'CNAME') return own
  const inside = alias.target.endsWith(`.${CLUSTER_DOMAIN}`)
  const target =
    depth > MOST_ALIASES
      ? undefined
      : await answerQuestion(context, { name: alias.target, type: question.type }, depth + 1)
  if (target !== undefined && (!inside || target.answers.length > 0)) {
    return { ...own, answers: [...own.answers, ...target.answers] }
  }
  // An alias inside the cluster that leads to no address is no answer.
  return {
    ...own,
    answers: [],
    authorities: answerFromCluster(view, { name: CLUSTER_DOMAIN, type: 'SOA' })?.answers ?? [],
  }
}

async function forward(context: ProgramContext, question: DnsQuestion): Promise<DnsAnswer> {
  const configured = readResolvConf(context)
  const leadsBack = configured.search.some((suffix) => suffix.endsWith(CLUSTER_DOMAIN))
  const { replies } = await exchangeDns(context, {
    servers: leadsBack ? [NODE_NAME_SERVER] : configured.servers.slice(0, 1),
    queries: [question],
    timeoutMs: FORWARD_TIMEOUT_MS,
    retryMs: FORWARD_TIMEOUT_MS,
    stopWhenRefused: true,
  })
  const [reply] = replies
  if (reply === undefined) {
    // What plugin/errors writes; its class is the number of the answer's code.
    const port = 32_768 + Math.floor(context.container.random() * 28_232)
    const from = `${context.container.network.address}:${port}->${NODE_NAME_SERVER}:53`
    await context.stdout.write(
      `[ERROR] plugin/errors: 2 ${question.name}. ${question.type}: read udp ${from}: i/o timeout\n`,
    )
    return { rcode: 'SERVFAIL', authoritative: false, answers: [] }
  }
  return {
    rcode: reply.rcode,
    authoritative: false,
    answers: reply.answers,
    authorities: reply.authorities,
  }
}
