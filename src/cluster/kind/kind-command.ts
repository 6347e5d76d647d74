import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { type ProgramResult, runProgram } from '../../platform/run-program.ts'
import type { Engine } from './engine.ts'
import { isImagePhase, type KindPhase, parseKindPhase } from './kind-phases.ts'

/** The name of the lab's cluster: no other is ever made, changed or removed. */
export const CLUSTER = 'netpol-lab'
const NODE = `${CLUSTER}-control-plane`

const CONFIG = `# The kind cluster of netpol-lab. Written anew at each start.
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
name: ${CLUSTER}
networking:
  apiServerAddress: 127.0.0.1
nodes:
  - role: control-plane
`

/** The `kind` program and its engine, for the one cluster of the lab. */
export interface KindCommand {
  readonly kubeconfig: string
  exists(signal: AbortSignal): Promise<boolean>
  /** @throws LabError ERR_IMAGE_NOT_PULLED, ERR_KIND_FAILED. What was half made stays: the caller deletes it. */
  create(options: {
    readonly image: string | undefined
    readonly signal: AbortSignal
    readonly onPhase: (phase: KindPhase) => void
  }): Promise<void>
  /** Writes the kubeconfig of a cluster that exists. */
  exportKubeconfig(signal: AbortSignal): Promise<void>
  /** Starts the stopped node; `false` where that does not work. */
  startNode(signal: AbortSignal): Promise<boolean>
  stopNode(): Promise<void>
  /** Fine where there is none. */
  delete(): Promise<void>
  nodeHas(image: string, signal: AbortSignal): Promise<boolean>
  /** Pulls an image with the engine and copies it into the node. */
  load(image: string, signal: AbortSignal): Promise<void>
}

export function createKindCommand(options: {
  readonly folder: string
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
}): KindCommand {
  const { folder, engine } = options
  const kubeconfig = join(folder, 'kubeconfig')
  const { KIND_CLUSTER_NAME: _, ...inherited } = options.env
  const env = {
    ...inherited,
    // The flag names it as well. Nothing that kind does may fall back to the learner's own file.
    KUBECONFIG: kubeconfig,
    // kind takes Docker by itself, whether or not it answers.
    ...(engine.program === 'docker' ? {} : { KIND_EXPERIMENTAL_PROVIDER: engine.program }),
  }
  const kind = (args: readonly string[], signal?: AbortSignal, onLine?: (line: string) => void) =>
    runProgram('kind', args, { env, signal, onLine })
  const engineRun = (args: readonly string[], signal?: AbortSignal) =>
    runProgram(engine.program, args, { env, signal })
  const named = ['--name', CLUSTER]

  return {
    kubeconfig,
    exists: async (signal) => {
      const result = await kind(['get', 'clusters'], signal)
      signal.throwIfAborted()
      if (result.ended !== 'succeeded')
        throw kindFailed('kind could not list its clusters.', result)
      return result.stdout.split('\n').some((line) => line.trim() === CLUSTER)
    },
    create: async ({ image, signal, onPhase }) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const config = join(folder, 'kind.yaml')
      await writeFileAtomically(config, CONFIG)
      let failed: KindPhase | undefined
      const result = await kind(
        [
          ...['create', 'cluster', ...named, '--config', config, '--kubeconfig', kubeconfig],
          ...(image === undefined ? [] : ['--image', image]),
          ...['--wait', '120s'],
        ],
        signal,
        (line) => {
          const phase = parseKindPhase(line)
          if (phase === undefined) return
          if (phase.state === 'failed') failed = phase
          onPhase(phase)
        },
      )
      signal.throwIfAborted()
      if (result.ended === 'succeeded') return
      if (failed !== undefined && isImagePhase(failed)) {
        throw new LabError(
          'ERR_IMAGE_NOT_PULLED',
          'The node image for the kind cluster could not be pulled.',
          {
            why: whyOf(result),
            next: [
              'Check that this computer reaches the registry of the image, then try again.',
              'Where you have a node image already, name it: NETPOL_LAB_KIND_IMAGE=kindest/node:…',
              'Or use the simulated cluster.',
            ],
          },
        )
      }
      throw kindFailed(
        failed === undefined
          ? 'kind could not make the cluster.'
          : `kind could not make the cluster: "${failed.title}" failed.`,
        result,
      )
    },
    exportKubeconfig: async (signal) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const result = await kind(
        ['export', 'kubeconfig', ...named, '--kubeconfig', kubeconfig],
        signal,
      )
      signal.throwIfAborted()
      if (result.ended !== 'succeeded') {
        throw kindFailed(`kind does not hand out the kubeconfig of ${CLUSTER}.`, result)
      }
    },
    startNode: async (signal) => {
      const result = await engineRun(['start', NODE], signal)
      signal.throwIfAborted()
      return result.ended === 'succeeded'
    },
    stopNode: async () => {
      const result = await engineRun(['stop', NODE])
      if (result.ended !== 'succeeded')
        throw kindFailed('The kind cluster could not be stopped.', result)
    },
    delete: async () => {
      const result = await kind(['delete', 'cluster', ...named, '--kubeconfig', kubeconfig])
      if (result.ended !== 'succeeded') {
        throw kindFailed(`The kind cluster ${CLUSTER} could not be removed.`, result)
      }
      await rm(kubeconfig, { force: true })
    },
    nodeHas: async (image, signal) => {
      const result = await engineRun(['exec', NODE, 'crictl', 'inspecti', '-q', image], signal)
      signal.throwIfAborted()
      return result.ended === 'succeeded'
    },
    load: async (image, signal) => {
      const here = await engineRun(['image', 'inspect', '--format', '{{.Id}}', image], signal)
      signal.throwIfAborted()
      if (here.ended !== 'succeeded') {
        const pull = await engineRun(['pull', image], signal)
        signal.throwIfAborted()
        if (pull.ended !== 'succeeded') {
          throw new LabError('ERR_IMAGE_NOT_PULLED', `The image ${image} could not be pulled.`, {
            why: whyOf(pull),
            next: [
              'Check that this computer reaches the registry of the image, then try again.',
              'Or use the simulated cluster, which needs no images.',
            ],
          })
        }
      }
      const load = await kind(['load', 'docker-image', image, ...named], signal)
      signal.throwIfAborted()
      if (load.ended === 'succeeded') return
      // Engines with containerd's image store hand out images that kind cannot import (kind#3795): the node pulls itself then.
      const inNode = await engineRun(['exec', NODE, 'crictl', 'pull', image], signal)
      signal.throwIfAborted()
      if (inNode.ended !== 'succeeded') {
        throw kindFailed(`The image ${image} could not be copied into the cluster.`, load)
      }
    },
  }
}

function kindFailed(message: string, result: ProgramResult): LabError {
  return new LabError('ERR_KIND_FAILED', message, {
    why: whyOf(result),
    next: [
      'Try again. If it stays like this, run the command above by hand.',
      'Or use the simulated cluster.',
    ],
  })
}

/** The command as it can be pasted, and the last of what it said. */
function whyOf(result: ProgramResult): string {
  const said = result.output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && parseKindPhase(line) === undefined)
  return [result.message, ...said.slice(-8)].join('\n')
}
