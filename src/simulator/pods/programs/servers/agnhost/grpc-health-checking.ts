import { GRPC, type GrpcAnswer, serveGrpc } from '../../../../http/grpc.ts'
import { HEALTH_CHECK, healthReply, requestedService } from '../../../../http/grpc-health.ts'
import type { HttpRequest, HttpResponse } from '../../../../http/serve-http.ts'
import { acceptTls } from '../../../../http/tls.ts'
import type { ProgramContext } from '../../../process/program.ts'
import { listen, listenHttp, untilStopped } from '../serving.ts'
import type { GoFlags } from './go-flags.ts'
import { goError, goLog, goText } from './go-net.ts'

export const GRPC_HEALTH_FLAGS = {
  port: '5000',
  'http-port': '8080',
  'delay-unhealthy-sec': '-1',
  service: '',
  'tls-cert-file': '',
  'tls-private-key-file': '',
}

/**
 * agnhost grpc-health-checking (test/images/agnhost/grpc-health-checking): says over gRPC that one service serves, until some seconds have
 * passed or an HTTP request tells it otherwise.
 */
export async function grpcHealthChecking(context: ProgramContext, flags: GoFlags): Promise<number> {
  const { clock } = context.container
  const startedMs = clock.now()
  const secure = flags.value('tls-cert-file') !== ''
  if (secure !== (flags.value('tls-private-key-file') !== '')) {
    await goLog(context, 'Both --tls-cert-file and --tls-private-key-file must be set')
    return 1
  }
  const delay = flags.number('delay-unhealthy-sec')
  let forced: boolean | undefined
  const answer = async (path: string, message: Uint8Array): Promise<GrpcAnswer> => {
    if (path !== HEALTH_CHECK) return unknownMethod(path)
    const started = new Date(startedMs).toISOString().replace('T', ' ').replace('Z', '000000')
    await goLog(
      context,
      `Serving the Check request for health check, started at ${started} +0000 UTC m=+0.000000001`,
    )
    if (requestedService(message) !== flags.value('service')) {
      return { code: GRPC.notFound, message: 'unknown service' }
    }
    const late = delay >= 0 && clock.now() - startedMs >= delay * 1000
    const status = forced === true || late ? 'NOT_SERVING' : 'SERVING'
    return { code: GRPC.ok, message: '', reply: healthReply(status) }
  }
  const control = async ({ target }: HttpRequest): Promise<HttpResponse> => {
    const [path] = target.split('?')
    if (path !== '/make-not-serving' && path !== '/make-serving') {
      return goError('404 page not found', 404)
    }
    forced = path === '/make-not-serving'
    await goLog(context, `Mark as ${forced ? 'unhealthy' : 'healthy'}`)
    return goText(goDuration(clock.now() - startedMs))
  }
  const stopped = untilStopped(context, () => 2)
  const port = flags.number('port')
  const httpPort = flags.number('http-port')
  await goLog(context, `Http server starting to listen on :${httpPort}`)
  listenHttp(context, httpPort, control)
  listen(context, port, 'TCP', async (connection) => {
    const channel = secure ? await acceptTls(connection, 'private') : connection
    if (channel !== undefined) await serveGrpc(channel, answer)
  })
  await goLog(context, `gRPC server starting to listen on :${port}`)
  return stopped
}

/** What grpc-go answers to a call that nobody has registered. */
function unknownMethod(path: string): GrpcAnswer {
  const [, service = '', method = ''] = path.split('/')
  const known = service === 'grpc.health.v1.Health'
  return {
    code: GRPC.unimplemented,
    message: known
      ? `unknown method ${method} for service ${service}`
      : `unknown service ${service}`,
  }
}

/** `time.Duration.String`. */
function goDuration(ms: number): string {
  const seconds = (ms / 1000) % 60
  const minutes = Math.floor(ms / 60_000) % 60
  const hours = Math.floor(ms / 3_600_000)
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${Number(seconds.toFixed(9))}s`
}
