import type { Program } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listenHttp, untilStopped } from './serving.ts'

/** hello-app of the GKE samples: greets on $PORT, 8080 by default; version 2.0 says so. */
export const helloApp: Program = async (context) => {
  const port = Number(context.env.get('PORT') ?? '8080')
  const version = context.env.get('HELLO_VERSION') ?? '1.0.0'
  const stamp = () => formatDate('%Y/%m/%d %H:%M:%S', context.container.clock.now())
  listenHttp(context, port, async (request) => {
    await context.stderr.write(`${stamp()} Serving request: ${request.target}\n`)
    return {
      status: 200,
      quietConnection: true,
      headers: [['Content-Type', 'text/plain; charset=utf-8']],
      body: `Hello, world!\nVersion: ${version}\nHostname: ${context.container.network.hostname}\n`,
    }
  })
  const stopped = untilStopped(context, () => 143)
  await context.stderr.write(`${stamp()} Server listening on port ${port}\n`)
  return stopped
}

/** The pause container: waits to be stopped. */
export const pause: Program = (context) => untilStopped(context)
