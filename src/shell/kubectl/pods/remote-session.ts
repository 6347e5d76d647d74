import type { RemoteExit, RemoteStreams } from '../../../kube/client.ts'
import type { Container, Pod } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'

/** What the learner asked of the streams of a program in a pod. */
export interface SessionOptions {
  readonly stdin: boolean
  readonly tty: boolean
  readonly quiet: boolean
}

/** Whether a terminal can really be used: `-t` without one is said and dropped, as kubectl does. */
export function usableTty(context: KubectlContext, options: SessionOptions): boolean {
  if (!options.stdin || !options.tty) return false
  if (context.streams.terminal !== undefined) return true
  if (!options.quiet) {
    context.err('Unable to use a TTY - input is not a terminal or the right kind of file\n')
  }
  return false
}

/**
 * Hands the streams, and with `tty` the terminal, to a program in a pod, and takes them back at its end.
 *
 * @param options.redraw sends a size that is one too large first, so that a program that runs already draws anew
 */
export async function runRemoteSession(
  context: KubectlContext,
  target: { readonly namespace: string; readonly pod: string; readonly container: string },
  options: { readonly stdin: boolean; readonly tty: boolean; readonly redraw?: boolean },
  open: (streams: RemoteStreams) => Promise<RemoteExit>,
): Promise<RemoteExit> {
  const { streams, signal } = context
  const terminal = options.tty ? streams.terminal : undefined
  const size = terminal?.size()
  let stopListening: (() => void) | undefined
  const remote: RemoteStreams = {
    stdout: streams.stdout,
    stderr: streams.stderr,
    signal,
    ...(options.stdin ? { stdin: streams.stdin ?? noInput() } : {}),
    ...(size === undefined
      ? {}
      : {
          tty: options.redraw === true ? { columns: size.columns + 1, rows: size.rows + 1 } : size,
          onResize: (listener) => {
            if (options.redraw === true) listener(size)
            stopListening = terminal?.onResize(listener)
          },
        }),
  }
  const { namespace, pod } = target
  if (options.stdin) {
    streams.onRemote?.({ namespace, pod, openedBy: context.line, tty: size !== undefined })
  }
  try {
    return await open(remote)
  } finally {
    stopListening?.()
    if (options.stdin) streams.onRemote?.(undefined)
  }
}

async function* noInput(): AsyncGenerator<Uint8Array> {
  // Nothing to read: the program sees the end of its input at once.
}

/**
 * The container that `-c` names, else the one of the annotation, else the first (`podcmd.FindOrDefaultContainerByName`).
 * A choice among several is said.
 */
export function containerOf(
  context: KubectlContext,
  pod: Pod,
  name: string,
  options: { readonly quiet: boolean },
  notFound = (missing: string) => `container ${missing} not found in pod ${pod.metadata.name}`,
): Container {
  const containers = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
    ...(pod.spec.ephemeralContainers ?? []),
  ]
  if (name !== '') {
    const found = containers.find((container) => container.name === name)
    if (found !== undefined) return found
    throw new KubectlError(notFound(name))
  }
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  const chosen = pod.spec.containers.find((container) => container.name === annotated)
  if (chosen !== undefined) return chosen
  const [first] = pod.spec.containers
  if (first === undefined) {
    throw new KubectlError(
      `pod ${pod.metadata.namespace}/${pod.metadata.name} does not have any containers`,
    )
  }
  if (containers.length > 1 && !options.quiet) {
    context.err(`Defaulted container ${JSON.stringify(first.name)} out of: ${containerList(pod)}\n`)
  }
  return first
}

function containerList(pod: Pod): string {
  return [
    ...pod.spec.containers.map((container) => container.name),
    ...(pod.spec.initContainers ?? []).map((container) => `${container.name} (init)`),
    ...(pod.spec.ephemeralContainers ?? []).map((container) => `${container.name} (ephem)`),
  ].join(', ')
}
