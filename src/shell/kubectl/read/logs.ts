import { KubeStatusError } from '../../../kube/client.ts'
import type { Pod } from '../../../kube/objects.ts'
import { SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { findPod } from '../pods/find-pod.ts'
import { POD_KIND } from '../pods/pod-waiting.ts'
import { containerOf } from '../pods/remote-session.ts'
import { refOf } from '../targets.ts'

/** Prints what containers printed (`kubectl/pkg/cmd/logs`). */
export const logsCommand: KubectlCommand = {
  name: 'logs',
  aliases: ['log'],
  summary: 'Print the logs for a container in a pod',
  usage: 'kubectl logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  words: 'pods',
  flags: [
    SELECTOR_FLAG,
    { name: 'all-containers', type: 'bool' },
    { name: 'all-pods', type: 'bool', refused: 'Select the pods with -l instead.' },
    { name: 'container', short: 'c', type: 'string' },
    { name: 'follow', short: 'f', type: 'bool' },
    { name: 'ignore-errors', type: 'bool' },
    { name: 'insecure-skip-tls-verify-backend', type: 'bool' },
    { name: 'limit-bytes', type: 'int', refused: 'Use --tail instead.' },
    { name: 'max-log-requests', type: 'int', default: '5' },
    { name: 'pod-running-timeout', type: 'duration', default: '20s' },
    { name: 'prefix', type: 'bool' },
    { name: 'previous', short: 'p', type: 'bool' },
    { name: 'since', type: 'duration' },
    {
      name: 'since-time',
      type: 'string',
      refused: 'Use --since with a duration, as in --since=5m.',
    },
    { name: 'tail', type: 'int', default: '-1' },
    { name: 'timestamps', type: 'bool' },
  ],
  run: runLogs,
}

const USAGE =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"

async function runLogs(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const selector = flags.string('selector')
  if (positionals.length === 0 && selector === '') throw usageError('kubectl logs', USAGE)
  if (positionals.length > 0 && selector !== '') {
    throw usageError('kubectl logs', 'only a selector (-l) or a POD name is allowed')
  }
  if (positionals.length > 2) throw usageError('kubectl logs', USAGE)
  const [word = '', containerWord] = positionals
  const container = flags.string('container') || (containerWord ?? '')
  if (flags.string('container') !== '' && containerWord !== undefined) {
    throw usageError('kubectl logs', 'only one of -c or an inline [CONTAINER] arg is allowed')
  }
  if (flags.int('tail') < -1) {
    throw new KubectlError('--tail must be greater than or equal to -1')
  }
  const pods = selector === '' ? [await namedPod(context, word)] : await selected(context, selector)
  if (pods.length === 0) {
    context.err(`No resources found in ${context.namespace} namespace.\n`)
    return 0
  }
  const sources = pods.flatMap((pod) => containersOf(context, pod, container, flags))
  if (flags.bool('follow') && sources.length > flags.int('max-log-requests')) {
    throw new KubectlError(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${flags.int('max-log-requests')}, use --max-log-requests to increase the limit`,
    )
  }
  const read = (source: Source) => readLog(context, source, flags)
  if (flags.bool('follow')) await Promise.all(sources.map(read))
  else for (const source of sources) await read(source)
  context.signal.throwIfAborted()
  return 0
}

interface Source {
  readonly pod: Pod
  readonly container: string
}

/** The pod, or kubectl's own words for one that is not there. */
async function namedPod(context: KubectlContext, word: string): Promise<Pod> {
  try {
    return await findPod(context, [word], 'get the logs from')
  } catch (error) {
    if (!(error instanceof KubeStatusError) || error.code !== 404) throw error
    throw new KubectlError(
      `error from server (NotFound): ${error.status.message ?? ''} in namespace ${JSON.stringify(context.namespace)}`,
    )
  }
}

function containerName(context: KubectlContext, pod: Pod, name: string): string {
  const quiet = { quiet: false }
  const notFound = (missing: string) =>
    `container ${missing} is not valid for pod ${pod.metadata.name}`
  return containerOf(context, pod, name, quiet, notFound).name
}

async function selected(context: KubectlContext, selector: string): Promise<readonly Pod[]> {
  const ref = refOf({ kind: POD_KIND, namespace: context.namespace })
  const list = await context.client.list<Pod>(ref, {
    labelSelector: selector,
    signal: context.signal,
  })
  return list.items
}

function containersOf(
  context: KubectlContext,
  pod: Pod,
  name: string,
  flags: Flags,
): readonly Source[] {
  if (!flags.bool('all-containers')) {
    return [{ pod, container: containerName(context, pod, name) }]
  }
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => ({
    pod,
    container: container.name,
  }))
}

async function readLog(context: KubectlContext, source: Source, flags: Flags): Promise<void> {
  const { pod, container } = source
  const tail = tailOf(flags)
  const since = flags.duration('since')
  const prefix = flags.bool('prefix') ? `[pod/${pod.metadata.name}/${container}] ` : ''
  let rest = ''
  const print = (text: string) => {
    if (prefix === '') return context.out(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    context.out(lines.map((line) => `${prefix}${line}\n`).join(''))
  }
  await context.client.logs(
    { namespace: pod.metadata.namespace ?? context.namespace, pod: pod.metadata.name, container },
    {
      follow: flags.bool('follow'),
      previous: flags.bool('previous'),
      timestamps: flags.bool('timestamps'),
      ...(tail === undefined ? {} : { tailLines: tail }),
      ...(since === 0 ? {} : { sinceSeconds: Math.ceil(since / 1000) }),
      signal: context.signal,
    },
    print,
  )
  if (rest !== '') context.out(`${prefix}${rest}`)
}

/** With a selector kubectl shows the last ten lines unless told otherwise. */
function tailOf(flags: Flags): number | undefined {
  if (flags.has('tail')) return flags.int('tail') < 0 ? undefined : flags.int('tail')
  return flags.string('selector') === '' ? undefined : 10
}
