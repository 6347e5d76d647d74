import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src/base/clock.ts'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { createWorkFolder } from '../../src/platform/work-folder.ts'
import { createLabShell } from '../../src/shell/lab-shell.ts'
import type { LabShell, RemoteSession, ShellStreams } from '../../src/shell/ports.ts'
import { createSimulatedCluster } from '../../src/simulator/simulated-cluster.ts'

/** What a line printed and how it ended. */
export interface LineResult {
  readonly out: string
  readonly err: string
  readonly code: number
}

export interface Lab {
  readonly client: KubeClient
  readonly clock: Clock
  readonly shell: LabShell
  /** The work folder on disk. */
  readonly folder: string
  /** A kubeconfig for other clients. */
  readonly kubeconfig: string
  readonly server: string
  run(line: string, options?: RunOptions): Promise<LineResult>
  write(name: string, text: string): Promise<void>
  close(): Promise<void>
}

export interface RunOptions {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly terminal?: { readonly columns: number; readonly rows: number }
  readonly signal?: AbortSignal
  readonly onOut?: (all: string) => void
  readonly onRemote?: (session: RemoteSession | undefined) => void
}

/** A simulated cluster served over HTTPS, and the lab's command line on it with a work folder of its own. */
export async function openLab(options: { readonly clock?: Clock } = {}): Promise<Lab> {
  const clock = options.clock ?? createFastClock()
  const base = await mkdtemp(join(tmpdir(), 'netpol-lab-shell-'))
  const cluster = createSimulatedCluster({ clock })
  const address = await cluster.listen()
  const kubeconfig = join(base, 'kubeconfig.json')
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'netpol-lab',
      clusters: [
        {
          name: 'netpol-lab',
          cluster: {
            server: address.server,
            'certificate-authority-data': Buffer.from(address.certificateAuthority).toString(
              'base64',
            ),
          },
        },
      ],
      users: [{ name: 'netpol-lab', user: { token: address.token } }],
      contexts: [{ name: 'netpol-lab', context: { cluster: 'netpol-lab', user: 'netpol-lab' } }],
    }),
    { mode: 0o600 },
  )
  const client = await openKubeClient({ kubeconfig })
  const workFolder = await createWorkFolder(join(base, 'work'))
  const shell = createLabShell({ client, workFolder, clock })
  return {
    client,
    clock,
    shell,
    folder: workFolder.path,
    kubeconfig,
    server: address.server,
    run: (line, options = {}) => runLine(shell, line, options),
    write: (name, text) => workFolder.write(name, text),
    async close() {
      client.close()
      await cluster.close()
      await rm(base, { recursive: true, force: true })
    },
  }
}

/** Runs a line and collects what it prints. */
export async function runLine(
  shell: LabShell,
  line: string,
  options: RunOptions = {},
): Promise<LineResult> {
  const decoder = new TextDecoder()
  let out = ''
  let err = ''
  const text = (chunk: string | Uint8Array) =>
    typeof chunk === 'string' ? chunk : decoder.decode(chunk)
  const { terminal } = options
  const streams: ShellStreams = {
    stdout: (chunk) => {
      out += text(chunk)
      options.onOut?.(out)
    },
    stderr: (chunk) => {
      err += text(chunk)
    },
    signal: options.signal ?? new AbortController().signal,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    ...(options.onRemote === undefined ? {} : { onRemote: options.onRemote }),
    ...(terminal === undefined
      ? {}
      : { terminal: { size: () => terminal, onResize: () => () => undefined } }),
  }
  const code = await shell.run(line, streams)
  return { out, err, code }
}
