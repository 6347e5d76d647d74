import type { Pod } from '../../../kube/objects.ts'
import { ExecError, type NodeAgent, type ProcessStreams, type TerminalSize } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import type { ApiRequest } from '../request.ts'
import { errors } from '../status.ts'
import { containerNameFor } from './containers.ts'
import { booleanOf } from './query.ts'
import type { Route } from './route.ts'

/** An exec or attach that may start: the listener connects its streams. */
export interface RemoteCommand {
  readonly kind: 'remote-command'
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
  /** Why the node upgrades no connection, in the kubelet's words; nothing where the container runs. */
  refusal(): string | undefined
  /**
   * Starts it.
   * @throws ApiError where the container is gone or has no such program
   */
  start(streams: ProcessStreams): RemoteProcess
}

export interface RemoteProcess {
  /** Exit code of an exec; `undefined` when an attach ends. */
  readonly ended: Promise<number | undefined>
  resize(size: TerminalSize): void
  /** The client is gone. */
  hangUp(): void
}

/**
 * What `pods/NAME/exec` or `/attach` asks for.
 * @throws ApiError 400, 404
 */
export function remoteCommandOf(
  request: ApiRequest,
  route: Route,
  options: { readonly context: ApiContext; readonly node: NodeAgent },
): RemoteCommand {
  const { served, namespace, name, subresource } = route
  if (
    served.stored !== 'Pod' ||
    name === undefined ||
    (subresource !== 'exec' && subresource !== 'attach')
  ) {
    throw errors.noSuchPath()
  }
  const pod = options.context.store.get('Pod', `${namespace ?? 'default'}/${name}`)
  if (pod === undefined) throw errors.notFound(infoOf('Pod'), name)
  const { query } = request
  const container = containerNameFor(pod as typeof pod & Pod, query.get('container') ?? '')
  const command = query.getAll('command')
  const [stdin, stdout, stderr, tty] = (['stdin', 'stdout', 'stderr', 'tty'] as const).map((flag) =>
    booleanOf(query, flag),
  ) as [boolean, boolean, boolean, boolean]
  if (!stdin && !stdout && !stderr) {
    throw errors.badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  if (tty && stderr) throw errors.badRequest('tty and stderr cannot both be true')
  if (subresource === 'exec' && command.length === 0) {
    throw errors.badRequest('you must specify at least one command for the container')
  }
  if ((pod as typeof pod & Pod).spec.nodeName === undefined) {
    throw errors.badRequest(`pod ${name} does not have a host assigned`)
  }
  const found = () => {
    const entry = options.node.container(pod.metadata.uid ?? '', container)
    return entry?.running === true ? entry.current : undefined
  }
  const notFound =
    subresource === 'exec'
      ? `container not found (${JSON.stringify(container)})`
      : `container ${container} not found in pod ${name}_${namespace ?? 'default'}`
  return {
    kind: 'remote-command',
    stdin,
    stdout,
    stderr,
    tty,
    refusal: () => (found() === undefined ? notFound : undefined),
    start(streams) {
      const running = found()
      if (running === undefined) throw errors.internal(notFound)
      if (subresource === 'attach') {
        const attached = running.attach(streams)
        return {
          ended: attached.ended.then(() => undefined),
          resize: (size) => attached.resize(size),
          hangUp: () => attached.detach(),
        }
      }
      try {
        const process = running.exec(command, streams)
        return {
          ended: process.exited,
          resize: (size) => process.resize(size),
          hangUp: () => process.signal('SIGHUP'),
        }
      } catch (error) {
        if (!(error instanceof ExecError)) throw error
        throw errors.internal(`error executing command in container: ${error.message}`)
      }
    },
  }
}
