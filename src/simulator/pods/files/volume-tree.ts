import type { Clock } from '../../../base/clock.ts'
import type { PodVolume, VolumeContent, VolumeFile } from '../../ports.ts'
import { DISK_BYTES, type Disk, Inode, normalizePath, parentOf } from './file-node.ts'
import { restoredNodes, type SavedFiles, savedFiles } from './saved-files.ts'

/**
 * The files of one volume, by path below its root, which is `''`. All containers of a pod that mount it share them. It is built when
 * it is looked into first: most pods never read what their account's volume holds.
 */
export class VolumeTree implements PodVolume, Disk {
  bytes = 0
  readonly limit: number
  private readonly content: VolumeContent | undefined
  private readonly inMemory: boolean
  private readonly clock: Pick<Clock, 'now'>
  private built: Map<string, Inode> | undefined
  private saved: SavedFiles | undefined

  constructor(options: {
    readonly content?: VolumeContent | undefined
    readonly inMemory?: boolean | undefined
    readonly limit?: number | undefined
    readonly files?: SavedFiles | undefined
    readonly clock: Pick<Clock, 'now'>
  }) {
    this.content = options.content
    this.inMemory = options.inMemory === true
    this.limit = options.limit ?? DISK_BYTES
    this.saved = options.files
    this.clock = options.clock
  }

  /** What is in it now, its root included. */
  get nodes(): Map<string, Inode> {
    const nodes = this.built ?? this.build()
    const files = this.content?.next()
    if (files !== undefined) this.publish(nodes, files)
    return nodes
  }

  changedFiles(): SavedFiles {
    if (this.content !== undefined) return {}
    if (this.built === undefined) return this.saved ?? {}
    return savedFiles([...this.built].filter(([path]) => path !== ''))
  }

  /** The path with the links of the volume followed, as far as they stay in it; what is missing at the end stays as it is. */
  resolve(path: string): string {
    let at = ''
    const parts = normalizePath(path).split('/').slice(1)
    for (let steps = 0; parts.length > 0 && steps < 100; steps++) {
      const next = `${at}/${parts.shift()}`
      const node = this.nodes.get(next)
      if (node?.kind === 'link' && !node.target.startsWith('/')) {
        parts.unshift(...normalizePath(`${at}/${node.target}`).split('/').slice(1))
        at = ''
      } else at = next
    }
    return at === '/' ? '' : at
  }

  /** Makes a folder with those above it, where there is none. */
  makeFolder(path: string): void {
    if (path === '' || this.nodes.has(path)) return
    const above = parentOf(path)
    this.makeFolder(above === '/' ? '' : above)
    this.nodes.set(path, this.node('directory', 0o777))
  }

  private build(): Map<string, Inode> {
    const nodes = new Map([['', this.node('directory', this.inMemory ? 0o1777 : 0o777)]])
    this.built = nodes
    const restored = restoredNodes(this.saved ?? {}, { modifiedMs: this.clock.now(), disk: this })
    for (const [path, node] of restored) {
      if (node === null) continue
      this.bytes += node.size
      nodes.set(path, node)
    }
    this.saved = undefined
    return nodes
  }

  /**
   * Puts other files in the place of all that are there, in one step: they stand in a folder with the time in its name, `..data` leads
   * there, and the names lead through `..data`. Models pkg/volume/util/atomic_writer.go.
   */
  private publish(nodes: Map<string, Inode>, files: ReadonlyMap<string, VolumeFile>): void {
    const before = nodes.get('/..data')?.target
    if (before !== undefined && this.holds(nodes, `/${before}`, files)) return
    const folder = this.folderName(before)
    if (before !== undefined) {
      for (const path of [...nodes.keys()]) {
        const [, top = ''] = path.split('/')
        const link = nodes.get(`/${top}`)
        if (top === before || link?.target === `..data/${top}`) nodes.delete(path)
      }
    }
    nodes.set(`/${folder}`, this.node('directory', 0o755))
    nodes.set('/..data', this.node('link', 0o777, folder))
    for (const [path, { data, mode }] of files) {
      const [top = '', ...below] = path.split('/')
      for (let at = 0; at < below.length; at++) {
        const above = `/${folder}/${[top, ...below.slice(0, at)].join('/')}`
        if (!nodes.has(above)) nodes.set(above, this.node('directory', 0o755))
      }
      nodes.set(`/${folder}/${path}`, this.node('file', mode, '', data))
      nodes.set(`/${top}`, this.node('link', 0o777, `..data/${top}`))
    }
  }

  private holds(
    nodes: ReadonlyMap<string, Inode>,
    folder: string,
    files: ReadonlyMap<string, VolumeFile>,
  ): boolean {
    let count = 0
    for (const [path, node] of nodes) {
      if (!path.startsWith(`${folder}/`) || node.kind !== 'file') continue
      const file = files.get(path.slice(folder.length + 1))
      if (file === undefined || file.mode !== node.mode) return false
      if (!Buffer.from(file.data).equals(node.data)) return false
      count++
    }
    return count === files.size
  }

  /** `..2026_11_30_12_56_51.1234567890`: the time, and what tells two folders of one second apart. */
  private folderName(before: string | undefined): string {
    const time = new Date(this.clock.now()).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_')
    let sign = Math.imul(Math.trunc(this.clock.now()) + (before?.length ?? 0), 0x9e37_79b1) >>> 0
    while (`..${time}.${sign}` === before) sign = (sign + 1) >>> 0
    return `..${time}.${sign}`
  }

  private node(
    kind: 'file' | 'directory' | 'link',
    mode: number,
    target = '',
    data?: Uint8Array,
  ): Inode {
    return new Inode({
      kind,
      mode,
      target,
      modifiedMs: this.clock.now(),
      disk: this,
      ...(data === undefined ? {} : { data }),
    })
  }
}

/** A volume, or a part of it, at a path of a container. */
export class VolumeMount {
  readonly path: string
  readonly readOnly: boolean
  /** What is mounted where that is one file: it stays that one, whatever takes its name in the volume. */
  readonly file: Inode | undefined
  private readonly volume: VolumeTree
  private readonly root: string

  constructor(path: string, volume: VolumeTree, subPath: string, readOnly: boolean) {
    this.path = path
    this.volume = volume
    this.readOnly = readOnly
    this.root = subPath === '' ? '' : volume.resolve(subPath)
    const node = this.root === '' ? undefined : volume.nodes.get(this.root)
    this.file = node?.kind === 'file' ? node : undefined
    if (this.root !== '' && node === undefined) volume.makeFolder(this.root)
  }

  get disk(): Disk {
    return this.volume
  }

  /** Whether a path of the container leads into it. */
  covers(path: string): boolean {
    return (
      path.startsWith(this.path) &&
      (path.length === this.path.length || path[this.path.length] === '/')
    )
  }

  get(path: string): Inode | undefined {
    if (this.file !== undefined) return path === this.path ? this.file : undefined
    return this.volume.nodes.get(this.keyOf(path))
  }

  set(path: string, node: Inode): void {
    node.disk = this.volume
    this.volume.nodes.set(this.keyOf(path), node)
  }

  delete(path: string): void {
    this.volume.nodes.delete(this.keyOf(path))
  }

  /** Names right below a folder of the container that lies in it. */
  *names(folder: string): Generator<string> {
    if (this.file !== undefined) return
    const prefix = `${this.keyOf(folder)}/`
    for (const key of this.volume.nodes.keys()) {
      if (!key.startsWith(prefix)) continue
      const name = key.slice(prefix.length)
      if (name !== '' && !name.includes('/')) yield name
    }
  }

  private keyOf(path: string): string {
    return this.root + path.slice(this.path.length)
  }
}
