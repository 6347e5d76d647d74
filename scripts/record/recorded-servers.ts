/** The servers of the recordings: the simulated cluster's name server on real sockets, and a few sockets that behave badly. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { answerFromCluster } from '../../src/simulator/dns/cluster-zone.ts'
import type { DnsQuestion } from '../../src/simulator/dns/message.ts'
import {
  answerDnsQuery,
  createTcpDeframer,
  type DnsAnswer,
  frameForTcp,
} from '../../src/simulator/dns/name-server.ts'
import { answerFromOutside } from '../../src/simulator/network/outside-services.ts'
import { OUTSIDE_WORLD } from '../../src/simulator/network/outside-world.ts'
import { RECORDED_VIEW } from '../../test/simulator/pods/recorded-view.ts'

const NAME_SERVER = '10.96.0.10'

function resolve(question: DnsQuestion): DnsAnswer {
  const own = answerFromCluster(RECORDED_VIEW, question)
  if (own === undefined) return answerFromOutside(OUTSIDE_WORLD, question)
  const alias = own.answers[0]
  if (alias?.type !== 'CNAME' || question.type === 'CNAME') return own
  const target = answerFromOutside(OUTSIDE_WORLD, { ...question, name: alias.target })
  return { ...own, answers: [alias, ...target.answers] }
}

const udp = createSocket('udp4')
udp.on('message', (query, from) => {
  void answerDnsQuery(query, { overTcp: false, resolve }).then((reply) => {
    if (reply !== undefined) udp.send(reply, from.port, from.address)
  })
})
udp.bind(53, NAME_SERVER)
createServer((socket) => {
  const take = createTcpDeframer()
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    for (const message of take(chunk)) {
      void answerDnsQuery(message, { overTcp: true, resolve }).then((reply) => {
        if (reply !== undefined) socket.write(frameForTcp(reply))
      })
    }
  })
}).listen(53, NAME_SERVER)

const POD = '10.244.0.5'
/** Says back what it is told. */
const echo = createSocket('udp4')
echo.on('message', (data, from) => echo.send(data, from.port, from.address))
echo.bind(7, POD)
createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
}).listen(7, POD)
/** Takes a request and never answers. */
createServer((socket) => socket.on('error', () => socket.destroy()).resume()).listen(8888, POD)
/** Takes a request and hangs up. */
createServer((socket) =>
  socket.on('error', () => socket.destroy()).once('data', () => socket.end()),
).listen(8889, POD)
/** Says something that is no HTTP. */
createServer((socket) => socket.on('error', () => socket.destroy()).end('SSH-2.0-x\r\n')).listen(
  7890,
  POD,
)
