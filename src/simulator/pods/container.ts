import type { Clock } from '../../base/clock.ts'
import type { Container as ContainerSpec } from '../../kube/objects.ts'
import {
  type AttachedPodNetwork,
  type ClusterView,
  ExecError,
  type MountedFolder,
  type ProcessStreams,
  type RunningContainer,
  type RunningProcess,
  type TerminalSize,
} from '../ports.ts'
import { ContainerLog, type SharedLines } from './container-log.ts'
import { Broadcast, ContainerInput } from './container-streams.ts'
import { absolutePath } from './files/file-node.ts'
import { type BaseLayer, type ComputedFiles, FileTree } from './files/file-tree.ts'
import type { Image } from './images/image.ts'
import { FdTable } from './process/fd-table.ts'
import { NullFile, type OpenFile, SinkFile, StreamFile } from './process/open-file.ts'
import { ProcessGroup } from './process/process.ts'
import { type NodeShare, ProcessTable } from './process/process-table.ts'
import type { ContainerWorld, FoundProgram, Program, SpawnOptions } from './process/program.ts'
import { createProgramContext } from './process/program-context.ts'
import { findProgramFile } from './programs/program-files.ts'
import { TerminalDevice, TerminalFile } from './terminal/terminal-device.ts'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface ContainerOptions {
  readonly containerID: string
  readonly spec: ContainerSpec
  readonly image: Image
  readonly base: BaseLayer
  readonly computed: ComputedFiles
  readonly env: ReadonlyMap<string, string>
  readonly network: AttachedPodNetwork
  readonly clock: Clock
  readonly share: NodeShare
  readonly logLines: SharedLines
  readonly view: ClusterView
  readonly uptimeMs: () => number
  readonly random: () => number
  readonly files: Readonly<Record<string, string | null>> | undefined
  readonly mounts: readonly MountedFolder[]
  readonly onExit: () => void
}

/** Starts a container's first process. Throws `ExecError` where its program does not exist. */
export function startContainer(options: ContainerOptions): RunningContainer {
  const { spec, clock, image } = options
  const files = new FileTree({
    base: options.base,
    computed: options.computed,
    mountPoints: options.mounts.filter(({ files: of }) => !of.has('')).map(({ path }) => path),
    now: () => clock.now(),
  })
  if (options.files !== undefined) files.restore(options.files)
  const processes = new ProcessTable(() => clock.now(), options.share)
  const log = new ContainerLog(clock, options.logLines)
  const world: ContainerWorld = {
    files,
    network: options.network,
    clock,
    processes,
    view: options.view,
    uptimeMs: options.uptimeMs,
    random: options.random,
    findProgram: (name, where) => findProgramFile(files, name, where),
    spawn: (program, spawnOptions) => spawn(world, program, spawnOptions),
  }
  const cwd = spec.workingDir ?? image.workingDir ?? '/'
  if (files.stat(cwd) === undefined) makeFolders(files, cwd)

  const argv = commandLine(spec, image)
  const program = lookUp(world, argv, options.env, cwd)
  if (program.kind !== 'program') {
    throw new ExecError(
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${reason(argv[0] ?? '', program)}: unknown`,
    )
  }

  const fds = new FdTable()
  const stdout = new Broadcast()
  const stderr = new Broadcast()
  const input = spec.stdin ? new ContainerInput() : undefined
  let terminal: TerminalDevice | undefined
  if (spec.tty) {
    terminal = new TerminalDevice({ columns: 80, rows: 24 }, (data) => {
      log.append(data)
      stdout.send(data)
    })
    const file = new TerminalFile(terminal)
    fds.set(0, file)
    fds.set(1, file.retain())
    fds.set(2, file.retain())
  } else {
    fds.set(0, input?.file ?? new NullFile())
    fds.set(1, tee(log, stdout))
    fds.set(2, tee(log, stderr))
  }
  const first = spawn(world, program.program, {
    argv,
    env: options.env,
    cwd,
    fds,
    group: new ProcessGroup(),
  })
  if (terminal !== undefined) terminal.foreground = first.group
  const exited = first.exited.then((code) => {
    log.end()
    options.onExit()
    return code
  })

  // One for all: a promise keeps whoever waits for it until it is settled, and a container runs for long.
  const attachments = new Set<() => void>()
  void exited.then(() => {
    for (const detach of [...attachments]) detach()
  })

  return {
    containerID: options.containerID,
    exited,
    exec: (command, streams) => execInContainer(world, command, streams, { env: options.env, cwd }),
    attach(streams) {
      const removeOut = stdout.add(streams.stdout)
      const removeErr = stderr.add(streams.stderr)
      const attached = new AbortController()
      const detach = () => {
        attachments.delete(detach)
        removeOut()
        removeErr()
        attached.abort()
      }
      if (terminal !== undefined && streams.terminal !== undefined)
        terminal.resize(streams.terminal)
      if (streams.stdin !== undefined && spec.stdin) {
        const target = terminal
        void pump(streams.stdin, attached.signal, (chunk) => {
          if (target !== undefined) target.input(chunk)
          else input?.push(chunk)
        }).then((end) => {
          // `stdinOnce`: the first client that ends its input ends it for good.
          if (end === 'ended' && target === undefined) input?.end()
          if (end === 'ended' && spec.stdinOnce) target?.hangUp()
        })
      }
      const ended = new Promise<void>((resolve) => {
        attached.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      attachments.add(detach)
      return { ended, detach, resize: (size: TerminalSize) => terminal?.resize(size) }
    },
    logs: (logOptions) => log.read(logOptions),
    async stop(graceSeconds) {
      first.signal(image.stopSignal ?? 'SIGTERM')
      const gone = new AbortController()
      void first.exited.then(() => gone.abort())
      try {
        await clock.sleep(graceSeconds * 1000, { signal: gone.signal })
      } catch (error) {
        if (!gone.signal.aborted) throw error
      }
      first.signal('SIGKILL')
      processes.killAll()
      await exited
    },
    changedFiles: () => files.changed(),
  }
}

function spawn(world: ContainerWorld, program: Program, options: SpawnOptions) {
  const process = world.processes.create({
    parent: options.parent,
    command: options.argv,
    fds: options.fds,
    group: options.group,
  })
  const context = createProgramContext(world, process, options)
  process.run(() => program(context))
  return process
}

function execInContainer(
  world: ContainerWorld,
  command: readonly string[],
  streams: ProcessStreams,
  place: { readonly env: ReadonlyMap<string, string>; readonly cwd: string },
): RunningProcess {
  const found = lookUp(world, command, place.env, place.cwd)
  if (found.kind !== 'program') {
    throw new ExecError(
      `failed to exec in container: failed to start exec "${randomHex(world.random, 64)}": OCI runtime exec failed: exec failed: unable to start container process: exec: ${reason(command[0] ?? '', found)}: unknown`,
    )
  }
  const fds = new FdTable()
  const group = new ProcessGroup()
  let terminal: TerminalDevice | undefined
  const over = new AbortController()
  if (streams.terminal !== undefined) {
    const device = new TerminalDevice(streams.terminal, streams.stdout)
    terminal = device
    device.foreground = group
    const file = new TerminalFile(device)
    fds.set(0, file)
    fds.set(1, file.retain())
    fds.set(2, file.retain())
    if (streams.stdin !== undefined) {
      void pump(streams.stdin, over.signal, (chunk) => device.input(chunk)).then((end) => {
        if (end === 'ended') device.hangUp()
      })
    }
  } else {
    fds.set(0, streams.stdin === undefined ? new NullFile() : new StreamFile(streams.stdin))
    fds.set(1, new SinkFile(streams.stdout))
    fds.set(2, new SinkFile(streams.stderr))
  }
  const env =
    streams.terminal === undefined ? place.env : new Map([...place.env, ['TERM', 'xterm']])
  const process = spawn(world, found.program, { argv: command, env, cwd: place.cwd, fds, group })
  void process.exited.then(() => over.abort())
  return {
    exited: process.exited,
    resize: (size) => terminal?.resize(size),
    signal: (name) => group.signal(name),
  }
}

function lookUp(
  world: ContainerWorld,
  argv: readonly string[],
  env: ReadonlyMap<string, string>,
  cwd: string,
): FoundProgram {
  const [name = ''] = argv
  return world.findProgram(name, { path: env.get('PATH') ?? DEFAULT_PATH, cwd })
}

function reason(name: string, found: FoundProgram): string {
  const shown = JSON.stringify(name)
  if (found.kind === 'not-executable') return `${shown}: permission denied`
  return name.includes('/')
    ? `${shown}: stat ${name}: no such file or directory`
    : `${shown}: executable file not found in $PATH`
}

function commandLine(spec: ContainerSpec, image: Image): string[] {
  const entrypoint = spec.command ?? image.entrypoint ?? []
  const args = spec.args ?? (spec.command === undefined ? (image.command ?? []) : [])
  return [...entrypoint, ...args]
}

/** Hands over chunks until the stream ends or the signal aborts. */
async function pump(
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  give: (chunk: Uint8Array) => void,
): Promise<'ended' | 'stopped'> {
  const iterator = stream[Symbol.asyncIterator]()
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped')
    signal.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
  for (;;) {
    const next = await Promise.race([
      iterator.next().catch(() => ({ done: true as const, value: undefined })),
      stopped,
    ])
    if (next === 'stopped') {
      void iterator.return?.()?.catch(() => {})
      return 'stopped'
    }
    if (next.done) return 'ended'
    give(next.value)
  }
}

function tee(log: ContainerLog, stream: Broadcast): OpenFile {
  return new SinkFile((data) => {
    log.append(data)
    stream.send(data)
  })
}

function makeFolders(files: FileTree, path: string): void {
  let at = ''
  for (const part of absolutePath('/', path)
    .split('/')
    .filter((name) => name !== '')) {
    at += `/${part}`
    if (files.stat(at) === undefined) files.makeDirectory(at)
  }
}

/** Random digits as in container ids. */
export function randomHex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
}
