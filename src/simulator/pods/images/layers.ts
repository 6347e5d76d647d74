import type { BaseNode } from '../files/file-node.ts'
import { MUSL_LOADER } from '../net/c-library.ts'
import { programFile } from '../programs/program-files.ts'
import { BUSYBOX_APPLETS } from '../programs/program-table.ts'

type Entries = Readonly<Record<string, string | BaseNode>>

/** Builds a layer: every path with the folders above it. Text becomes a file. */
export function layer(...parts: readonly Entries[]): Map<string, BaseNode> {
  const nodes = new Map<string, BaseNode>()
  for (const part of parts) {
    for (const [path, entry] of Object.entries(part)) {
      for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
        nodes.set(path.slice(0, at), { kind: 'directory' })
      }
      nodes.set(
        path,
        typeof entry === 'string' ? { kind: 'file', data: new TextEncoder().encode(entry) } : entry,
      )
    }
  }
  return nodes
}

const directory: BaseNode = { kind: 'directory' }

/** What every container has, whatever its image. */
export const RUNTIME_FILES: Entries = {
  '/dev': directory,
  '/dev/null': '',
  '/dev/zero': '',
  '/dev/stdin': '',
  '/dev/stdout': '',
  '/dev/stderr': '',
  '/dev/tty': '',
  '/etc': directory,
  '/proc': directory,
  '/proc/net': directory,
  '/proc/sys/kernel': directory,
  '/sys': directory,
  '/tmp': directory,
}

/** The usual folders of a small Linux. */
export const LINUX_FOLDERS: Entries = Object.fromEntries(
  [
    '/bin',
    '/home',
    '/mnt',
    '/opt',
    '/root',
    '/run',
    '/sbin',
    '/srv',
    '/usr/bin',
    '/usr/local/bin',
    '/usr/sbin',
    '/var/log',
    '/var/tmp',
  ].map((path) => [path, directory]),
)

/** BusyBox with a link for each applet, as Alpine lays it out; `inBin`: all in /bin, as the busybox image does. */
export function busyboxFiles(
  options: { readonly inBin?: boolean; readonly without?: readonly string[] } = {},
): Entries {
  const entries: Record<string, BaseNode> = { '/bin/busybox': programFile('busybox') }
  for (const [folder, applets] of Object.entries(BUSYBOX_APPLETS)) {
    for (const name of Object.keys(applets)) {
      if (options.without?.includes(name)) continue
      entries[`${options.inBin ? '/bin' : folder}/${name}`] = {
        kind: 'link',
        target: '/bin/busybox',
      }
    }
  }
  return entries
}

/** Programs as files of their own in one folder. */
export function programs(folder: string, names: readonly string[]): Entries {
  return Object.fromEntries(names.map((name) => [`${folder}/${name}`, programFile(name)]))
}

/** GNU's programs as Debian has them, where the simulated ones tell them from BusyBox'. */
export function gnuPrograms(folder: string, names: readonly string[]): Entries {
  return Object.fromEntries(
    names.map((name) => [`${folder}/${name}`, programFile(name, { gnu: true })]),
  )
}

/** Files at given paths that run a program of another name: `/usr/bin/nc` and `netcat-openbsd`. */
export function programsAt(paths: Readonly<Record<string, string>>): Entries {
  return Object.fromEntries(Object.entries(paths).map(([path, name]) => [path, programFile(name)]))
}

export const ALPINE_RELEASE: Entries = {
  [MUSL_LOADER]: { kind: 'file', data: new Uint8Array(0), executable: true },
  '/etc/alpine-release': '3.21.3\n',
  '/etc/os-release':
    'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.21.3\nPRETTY_NAME="Alpine Linux v3.21"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n',
  '/etc/issue': 'Welcome to Alpine Linux 3.21\nKernel \\r on an \\m (\\l)\n\n',
}

export const DEBIAN_RELEASE: Entries = {
  '/etc/debian_version': '12.10\n',
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n',
}

export const ACCOUNTS: Entries = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  '/etc/group': 'root:x:0:root\nnobody:x:65534:\n',
  '/etc/shells': '/bin/sh\n/bin/ash\n',
}
