import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { findPod } from './find-pod.ts'
import { containerOf, runRemoteSession, usableTty } from './remote-session.ts'

export const SESSION_FLAGS = [
  { name: 'container', short: 'c', type: 'string' },
  { name: 'stdin', short: 'i', type: 'bool' },
  { name: 'tty', short: 't', type: 'bool' },
  { name: 'quiet', short: 'q', type: 'bool' },
  { name: 'pod-running-timeout', type: 'duration', default: '1m0s' },
] as const

/** Runs a program in a pod (`kubectl/pkg/cmd/exec`). */
export const execCommand: KubectlCommand = {
  name: 'exec',
  summary: 'Execute a command in a container',
  usage: 'kubectl exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  words: 'pods',
  flags: [
    ...SESSION_FLAGS,
    {
      name: 'filename',
      short: 'f',
      type: 'slice',
      refused: 'Name the pod instead.',
    },
  ],
  run: runExec,
}

async function runExec(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { positionals, beforeDash, flags } = given
  const [word] = positionals
  if (word === undefined || beforeDash === 0) {
    throw new KubectlError('pod, type/name or --filename must be specified')
  }
  const command = positionals.slice(1)
  if (command.length === 0) {
    throw new KubectlError('you must specify at least one command for the container')
  }
  if (beforeDash === -1) {
    throw new KubectlError(
      "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples",
    )
  }
  const pod = await findPod(context, [word])
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new KubectlError(
      `cannot exec into a container in a completed pod; current phase is ${phase}`,
    )
  }
  const quiet = flags.bool('quiet')
  // A name that is given goes to the server as it is, which knows best.
  const container = flags.string('container') || containerOf(context, pod, '', { quiet }).name
  const stdin = flags.bool('stdin')
  const tty = usableTty(context, { stdin, tty: flags.bool('tty'), quiet })
  const namespace = pod.metadata.namespace ?? context.namespace
  const target = { namespace, pod: pod.metadata.name, container }
  const exit = await runRemoteSession(context, target, { stdin, tty }, (streams) =>
    context.client.exec(target, command, streams),
  )
  context.signal.throwIfAborted()
  switch (exit.kind) {
    case 'exited':
      if (exit.code !== 0) {
        throw new KubectlError(`command terminated with exit code ${exit.code}`, {
          plain: true,
          exitCode: exit.code,
        })
      }
      return 0
    case 'failed':
      throw new KubectlError(exit.status.message ?? 'the command could not be started')
    case 'disconnected':
      throw new KubectlError('the connection to the pod was lost before the command ended')
  }
}
