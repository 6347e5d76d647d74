import { openConnection } from '../../../net/tcp.ts'
import type { ProgramContext } from '../../../process/program.ts'
import { type GoFlags, parseGoDuration } from './go-flags.ts'
import { exchangeMessage, goResolve, splitHostPort } from './go-net.ts'

export const CONNECT_FLAGS = {
  timeout: '0s',
  protocol: 'tcp',
  'udp-data': 'hostname',
  'sctp-data': 'hostname',
}

/**
 * agnhost connect (test/images/agnhost/connect/connect.go): silence and exit 0, or one line on stderr that begins with TIMEOUT, REFUSED, DNS,
 * OTHER or UNKNOWN and exit 1. TCP is a connection; UDP and SCTP need an answer. The timeout does not cover the look-up.
 */
export async function connect(context: ProgramContext, flags: GoFlags): Promise<number> {
  const [target = ''] = flags.operands
  const say = async (text: string) => {
    await context.stderr.write(`${text}\n`)
    return 1
  }
  const protocol = flags.value('protocol')
  if (!['', 'tcp', 'udp', 'sctp'].includes(protocol)) return say('Unsupported protocol')
  const network = protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp'
  const split = splitHostPort(target)
  if ('error' in split) return say(`${network === 'tcp' ? 'UNKNOWN' : 'DNS'}: ${split.error}`)
  const to = await goResolve(context, split.host, split.port, network)
  if ('error' in to) return say(`DNS: ${to.error}`)
  const timeoutMs = parseGoDuration(flags.value('timeout')) ?? 0
  if (network === 'tcp') {
    const outcome = await openConnection(context, to, {
      timeoutMs: timeoutMs > 0 ? timeoutMs : undefined,
    })
    switch (outcome.kind) {
      case 'connected':
        outcome.connection.close()
        return 0
      case 'refused':
        return say('REFUSED')
      case 'unreachable':
        return say(`OTHER: dial tcp ${to.address}:${to.port}: connect: network is unreachable`)
      default:
        return say('TIMEOUT')
    }
  }
  const data = `${flags.value(`${network}-data`)}\n`
  if (network === 'udp') {
    const limit = timeoutMs > 0 ? timeoutMs : undefined
    const outcome = await exchangeMessage(context, to, 'UDP', data, limit)
    switch (outcome.kind) {
      case 'answered':
        return outcome.text === ''
          ? say(
              'OTHER: No data received from the server. Cannot guarantee the server received the request.',
            )
          : 0
      case 'refused':
        return say(`REFUSED: read udp ${outcome.path}: read: connection refused`)
      default:
        return say(`TIMEOUT: read udp ${outcome.path}: i/o timeout`)
    }
  }
  // A timeout of nothing is over at once here: time.After(0).
  if (timeoutMs <= 0) return say('TIMEOUT')
  const outcome = await exchangeMessage(context, to, 'SCTP', data, timeoutMs)
  switch (outcome.kind) {
    case 'answered':
      return 0
    case 'refused':
      return say('OTHER: connection refused')
    case 'ended':
      return say('OTHER: EOF')
    default:
      return say('TIMEOUT')
  }
}
