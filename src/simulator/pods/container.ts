import type { Clock } from '../../base/clock.ts'
import type { Container as ContainerSpec } from '../../kube/objects.ts'
import {
  type AttachedPodNetwork,
  type ClusterView,
  ExecError,
  type ProcessStreams,
  type RunningContainer,
  type RunningProcess,
  type TerminalSize,
} from '../ports.ts'
import { ContainerLog, type SharedLines } from './container-log.ts'
import { Broadcast, ContainerInput } from './container-streams.ts'
import { absolutePath, FileError } from './files/file-node.ts'
import { type BaseLayer, type ComputedFiles, FileTree } from './files/file-tree.ts'
import type { VolumeMount } from './files/volume-tree.ts'
import type { Image } from './images/image.ts'
import { FdTable } from './process/fd-table.ts'
import { NullFile, OpenFile, SinkFile, StreamFile } from './process/open-file.ts'
import { type Process, ProcessGroup } from './process/process.ts'
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
  readonly mounts: readonly VolumeMount[]
  /** The processes of the pod, or of the container, that it shares. @default it has its own */
  readonly processes: ProcessTable | undefined
  readonly onExit: () => void
}

/** A container with what others can share of it. */
export interface StartedContainer extends RunningContainer {
  readonly processes: ProcessTable
}

/** Starts a container's first process. Throws `ExecError` where its program does not exist. */
export function startContainer(options: ContainerOptions): StartedContainer {
  return new SimulatedContainer(options)
}

/** A container: its files, its processes, and who listens to the first of them. */
class SimulatedContainer implements StartedContainer {
  readonly containerID: string
  readonly exited: Promise<number>
  private readonly image: Image
  private readonly stdinOnce: boolean
  private readonly env: ReadonlyMap<string, string>
  private readonly cwd: string
  private readonly world: World
  private readonly first: Process
  private readonly log: ContainerLog
  private readonly stdout = new Broadcast()
  private readonly stderr = new Broadcast()
  private readonly input: ContainerInput | undefined
  private readonly terminal: TerminalDevice | undefined
  /** One for all: a promise keeps whoever waits for it until it is settled, and a container runs for long. */
  private attachments: Set<() => void> | undefined

  constructor(options: ContainerOptions) {
    const { spec, clock, image } = options
    this.containerID = options.containerID
    this.image = image
    this.stdinOnce = spec.stdinOnce === true
    this.env = options.env
    const files = new FileTree({
      base: options.base,
      computed: options.computed,
      mounts: options.mounts,
      messagePath: spec.terminationMessagePath,
      clock,
    })
    if (options.files !== undefined) files.restore(options.files)
    this.log = new ContainerLog(clock, options.logLines)
    this.world = new World(files, options)
    this.cwd = spec.workingDir ?? image.workingDir ?? '/'
    if (files.stat(this.cwd) === undefined) makeFolders(files, this.cwd)
    files.readOnly = isReadOnly(spec)

    const argv = commandLine(spec, image)
    const program = lookUp(this.world, argv, options.env, this.cwd)
    if (program.kind !== 'program') {
      throw new ExecError(
        `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${reason(argv[0] ?? '', program)}: unknown`,
      )
    }

    const fds = new FdTable()
    this.input = spec.stdin ? new ContainerInput() : undefined
    if (spec.tty) {
      this.terminal = new TerminalDevice({ columns: 80, rows: 24 }, (data) =>
        this.print(data, this.stdout),
      )
      const file = new TerminalFile(this.terminal)
      fds.set(0, file)
      fds.set(1, file.retain())
      fds.set(2, file.retain())
    } else {
      fds.set(0, this.input?.file ?? new NullFile())
      fds.set(1, new LoggedFile(this.log, this.stdout))
      fds.set(2, new LoggedFile(this.log, this.stderr))
    }
    this.first = this.world.spawn(program.program, {
      argv,
      env: options.env,
      cwd: this.cwd,
      fds,
      group: new ProcessGroup(),
    })
    if (this.terminal !== undefined) this.terminal.foreground = this.first.group
    const { onExit } = options
    this.exited = this.first.exited.then((code) => {
      this.world.killShared()
      this.log.end()
      onExit()
      for (const detach of [...(this.attachments ?? [])]) detach()
      return code
    })
  }

  exec(command: readonly string[], streams: ProcessStreams): RunningProcess {
    return execInContainer(this.world, command, streams, { env: this.env, cwd: this.cwd })
  }

  attach(streams: ProcessStreams) {
    const removeOut = this.stdout.add(streams.stdout)
    const removeErr = this.stderr.add(streams.stderr)
    const attached = new AbortController()
    const detach = () => {
      this.attachments?.delete(detach)
      removeOut()
      removeErr()
      attached.abort()
    }
    const { terminal, input } = this
    if (streams.terminal !== undefined) terminal?.resize(streams.terminal)
    if (streams.stdin !== undefined && input !== undefined) {
      void pump(streams.stdin, attached.signal, (chunk) => {
        if (terminal !== undefined) terminal.input(chunk)
        else input.push(chunk)
      }).then((end) => {
        // `stdinOnce`: the first client that ends its input ends it for good.
        if (end === 'ended' && terminal === undefined) input.end()
        if (end === 'ended' && this.stdinOnce) terminal?.hangUp()
      })
    }
    const ended = new Promise<void>((resolve) => {
      attached.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    this.attachments ??= new Set()
    this.attachments.add(detach)
    return { ended, detach, resize: (size: TerminalSize) => terminal?.resize(size) }
  }

  logs(options: Parameters<RunningContainer['logs']>[0]) {
    return this.log.read(options)
  }

  async stop(graceSeconds: number): Promise<void> {
    this.first.signal(this.image.stopSignal ?? 'SIGTERM')
    const gone = new AbortController()
    void this.first.exited.then(() => gone.abort())
    try {
      await this.world.clock.sleep(graceSeconds * 1000, { signal: gone.signal })
    } catch (error) {
      if (!gone.signal.aborted) throw error
    }
    this.first.signal('SIGKILL')
    this.world.processes.killAll(this.world.owner)
    await this.exited
  }

  get processes(): ProcessTable {
    return this.world.processes
  }

  lastWords({ orLog }: { readonly orLog: boolean }): string {
    const words = this.world.files.message
    return words === '' && orLog ? this.log.tail() : words
  }

  changedFiles() {
    return this.world.files.changed()
  }

  private print(data: Uint8Array, stream: Broadcast): void {
    this.log.append(data)
    stream.send(data)
  }
}

/** What the first process prints: into the log, and to everyone who is attached. */
class LoggedFile extends OpenFile {
  private readonly log: ContainerLog
  private readonly stream: Broadcast

  constructor(log: ContainerLog, stream: Broadcast) {
    super()
    this.log = log
    this.stream = stream
  }

  protected override async readMore(): Promise<Uint8Array | undefined> {
    throw new FileError('EBADF', '')
  }

  override async write(data: Uint8Array): Promise<void> {
    this.log.append(data)
    this.stream.send(data)
  }
}

/** What the processes of a container have around them. */
class World implements ContainerWorld {
  readonly files: FileTree
  readonly network: AttachedPodNetwork
  readonly clock: Clock
  readonly processes: ProcessTable
  /** Tells the processes of this container from those of others that share the table; they end with its first one. */
  readonly owner: object | undefined
  readonly view: ClusterView
  readonly uptimeMs: () => number
  readonly random: () => number

  constructor(files: FileTree, options: ContainerOptions) {
    this.files = files
    this.network = options.network
    this.clock = options.clock
    this.owner = options.processes === undefined ? undefined : {}
    this.processes = options.processes ?? new ProcessTable(options.clock, options.share)
    this.view = options.view
    this.uptimeMs = options.uptimeMs
    this.random = options.random
  }

  killShared(): void {
    if (this.owner !== undefined) this.processes.killAll(this.owner)
  }

  findProgram(name: string, where: { readonly path: string; readonly cwd: string }): FoundProgram {
    return findProgramFile(this.files, name, where)
  }

  spawn(program: Program, options: SpawnOptions): Process {
    const process = this.processes.create({
      parent: options.parent,
      command: options.argv,
      fds: options.fds,
      group: options.group,
      owner: this.owner,
    })
    start(process, program, this, options)
    return process
  }
}

/** Stands alone so that the waiting process keeps nothing but its context. */
function start(
  process: Process,
  program: Program,
  world: ContainerWorld,
  options: Pick<SpawnOptions, 'argv' | 'env' | 'cwd'>,
): void {
  const context = createProgramContext(world, process, options)
  process.run(() => program(context))
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
  const process = world.spawn(found.program, { argv: command, env, cwd: place.cwd, fds, group })
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

function makeFolders(files: FileTree, path: string): void {
  let at = ''
  for (const part of absolutePath('/', path)
    .split('/')
    .filter((name) => name !== '')) {
    at += `/${part}`
    if (files.stat(at) === undefined) files.makeDirectory(at)
  }
}

function isReadOnly(spec: ContainerSpec): boolean {
  const context: unknown = Reflect.get(spec, 'securityContext')
  return (
    typeof context === 'object' &&
    context !== null &&
    Reflect.get(context, 'readOnlyRootFilesystem') === true
  )
}

/** Random digits as in container ids. */
export function randomHex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
}
