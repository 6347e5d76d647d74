import type { Container, Pod } from '../../../kube/objects.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { SESSION_FLAGS } from './exec.ts'
import { findPod } from './find-pod.ts'
import { containerOf, runRemoteSession, type SessionOptions, usableTty } from './remote-session.ts'

/** Joins the first process of a running container (`kubectl/pkg/cmd/attach`). */
export const attachCommand: KubectlCommand = {
  name: 'attach',
  summary: 'Attach to a running container',
  usage: 'kubectl attach (POD | TYPE/NAME) -c CONTAINER',
  words: 'pods',
  flags: SESSION_FLAGS,
  run: runAttach,
}

async function runAttach(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { positionals, flags } = given
  if (positionals.length === 0) {
    throw new KubectlError('at least 1 argument is required for attach')
  }
  if (positionals.length > 2) {
    throw new KubectlError(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${positionals.length}: [${positionals.join(' ')}]`,
    )
  }
  const pod = await findPod(context, positionals)
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new KubectlError(
      `cannot attach a container in a completed pod; current phase is ${phase}`,
    )
  }
  const options = {
    stdin: flags.bool('stdin'),
    tty: flags.bool('tty'),
    quiet: flags.bool('quiet'),
  }
  const container = containerOf(
    context,
    pod,
    flags.string('container'),
    options,
    (name) =>
      `cannot attach to the container: container ${name} not found in pod ${pod.metadata.name}`,
  )
  await attachTo(context, pod, container, options)
  return 0
}

/**
 * Attaches and waits for the end of the session; says how to come back where that is possible.
 *
 * @throws KubectlError where the streams ended with a failure
 */
export async function attachTo(
  context: KubectlContext,
  pod: Pod,
  container: Container,
  options: SessionOptions,
): Promise<void> {
  let wantsTty = options.tty
  if (wantsTty && container.tty !== true) {
    wantsTty = false
    if (!options.quiet) {
      context.err(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`)
    }
  } else if (container.tty === true) wantsTty = true
  const tty = usableTty(context, { ...options, tty: wantsTty })
  if (!options.quiet) context.err("If you don't see a command prompt, try pressing enter.\n")
  const { name } = pod.metadata
  const namespace = pod.metadata.namespace ?? context.namespace
  const target = { namespace, pod: name, container: container.name }
  const exit = await runRemoteSession(
    context,
    target,
    { stdin: options.stdin, tty, redraw: true },
    (streams) => context.client.attach(target, streams),
  )
  context.signal.throwIfAborted()
  if (exit.kind === 'failed') {
    throw new KubectlError(exit.status.message ?? 'the attached session failed')
  }
  if (!options.quiet && options.stdin && tty && pod.spec.restartPolicy === 'Always') {
    context.out(
      `Session ended, resume using 'kubectl attach ${name} -c ${container.name} -i -t' command when the pod is running\n`,
    )
  }
}
