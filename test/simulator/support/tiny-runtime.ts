import type { Container, Pod } from '../../../src/kube/objects.ts'
import {
  type ContainerRuntime,
  ExecError,
  type ProcessStreams,
  type RunningContainer,
  type RunningProcess,
} from '../../../src/simulator/ports.ts'

/**
 * A container runtime for tests of the API and the controllers: images are names, programs are a few words.
 * `sleep` runs until it is stopped, `exit N` ends, `echo …` prints, `cat` copies stdin, anything else is missing.
 */
export function createTinyRuntime(): ContainerRuntime & { readonly started: string[] } {
  const started: string[] = []
  let count = 0
  return {
    started,
    async pullImage(image) {
      if (image.startsWith('missing')) {
        return {
          ok: false,
          reason: 'ErrImagePull',
          message: `failed to pull and unpack image "docker.io/library/${image}": not found`,
        }
      }
      return { ok: true, imageID: `docker.io/library/${image}@sha256:0` }
    },
    startContainer(pod, container) {
      started.push(`${pod.metadata.name}/${container.name}`)
      count += 1
      return runContainer(container, `containerd://${count}`, pod)
    },
    imageUser: () => undefined,
    createVolume: () => ({ changedFiles: () => ({}) }),
    connectInPod: async () => ({ kind: 'refused' }),
  }
}

function runContainer(container: Container, containerID: string, _pod: Pod): RunningContainer {
  const log: string[] = []
  const waiting = new Set<() => void>()
  let ended = false
  let resolveExit: (code: number) => void = () => {}
  const exited = new Promise<number>((resolve) => {
    resolveExit = resolve
  })
  const print = (text: string) => {
    log.push(text)
    for (const wake of waiting) wake()
  }
  const attached = new Set<ProcessStreams>()
  const end = (code: number) => {
    if (ended) return
    ended = true
    resolveExit(code)
    for (const wake of waiting) wake()
  }
  const line = [...(container.command ?? []), ...(container.args ?? [])]
  if (line[0] === 'missing-program') {
    throw new ExecError(
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "missing-program": executable file not found in $PATH: unknown',
    )
  }
  print(`started ${container.name}\n`)
  if (line[0] === 'exit') setImmediate(() => end(Number(line[1] ?? 0)))
  if (line[0] === 'echo') {
    print(`${line.slice(1).join(' ')}\n`)
    setImmediate(() => end(0))
  }

  return {
    containerID,
    exited,
    exec: (command, streams) => runProcess(command, streams, container, exited),
    attach(streams) {
      attached.add(streams)
      streams.stdout(new TextEncoder().encode(`attached to ${container.name}\n`))
      let detach = () => {}
      const detached = new Promise<void>((resolve) => {
        detach = resolve
      })
      return { ended: Promise.race([exited.then(() => undefined), detached]), detach, resize() {} }
    },
    async *logs(options) {
      let at = options.tailLines === undefined ? 0 : Math.max(0, log.length - options.tailLines)
      while (true) {
        for (; at < log.length; at += 1) yield log[at] ?? ''
        if (!options.follow || ended || options.signal?.aborted === true) return
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
          options.signal?.addEventListener('abort', wake, { once: true })
        })
      }
    },
    lastWords: () => '',
    async stop() {
      end(143)
    },
    changedFiles: () => ({ '/tmp/kept': 'aGVsbG8=' }),
  }
}

function runProcess(
  command: readonly string[],
  streams: ProcessStreams,
  container: Container,
  containerExited: Promise<number>,
): RunningProcess {
  const [name = '', ...args] = command
  const out = (text: string) => streams.stdout(new TextEncoder().encode(text))
  let finish: (code: number) => void = () => {}
  const ended = new Promise<number>((resolve) => {
    finish = resolve
  })
  let size = streams.terminal
  switch (name) {
    case 'echo':
      out(`${args.join(' ')}\n`)
      setImmediate(() => finish(0))
      break
    case 'fail':
      streams.stderr(new TextEncoder().encode('it failed\n'))
      setImmediate(() => finish(Number(args[0] ?? 1)))
      break
    case 'env':
      for (const { name: key, value } of container.env ?? []) out(`${key}=${value ?? ''}\n`)
      setImmediate(() => finish(0))
      break
    case 'cat':
      void (async () => {
        for await (const chunk of streams.stdin ?? []) streams.stdout(chunk)
        finish(0)
      })()
      break
    case 'size':
      void (async () => {
        for await (const _chunk of streams.stdin ?? []) out(`${size?.columns}x${size?.rows}\n`)
        finish(0)
      })()
      break
    default:
      throw new ExecError(
        `failed to exec in container: failed to start exec "1": OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: executable file not found in $PATH: unknown`,
      )
  }
  return {
    exited: Promise.race([ended, containerExited.then(() => 137)]),
    resize(next) {
      size = next
    },
    signal: () => finish(129),
  }
}
