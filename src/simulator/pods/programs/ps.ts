import type { Process } from '../process/process.ts'
import type { ProgramContext } from '../process/program.ts'
import { busyboxProgram, ProgramError, parseOptions } from './busybox-program.ts'

/** Kilobytes that a process is said to have in its address space, and of them in memory: a small BusyBox. */
const ADDRESS_SPACE_KB = 1700
const RESIDENT_KB = 1000

interface Column {
  readonly width: number
  readonly header: string
  readonly value: (process: Process, context: ProgramContext) => string
}

const right = (value: number, width: number) => String(value).padStart(width)
const root = () => 'root'

/** The columns that -o knows, with BusyBox' widths and headers, in its order. */
const COLUMNS: Readonly<Record<string, Column>> = {
  user: { width: 8, header: 'USER', value: root },
  group: { width: 8, header: 'GROUP', value: root },
  comm: {
    width: 16,
    header: 'COMMAND',
    value: ({ command }) => (command[0] ?? '').replace(/^.*\//, '').slice(0, 15),
  },
  args: { width: 0, header: 'COMMAND', value: ({ command }) => command.join(' ') },
  pid: { width: 5, header: 'PID', value: ({ pid }) => right(pid, 5) },
  ppid: { width: 5, header: 'PPID', value: ({ parentPid }) => right(parentPid, 5) },
  pgid: { width: 5, header: 'PGID', value: (process) => right(groupOf(process), 5) },
  etime: {
    width: 7,
    header: 'ELAPSED',
    value: ({ startedMs }, { container }) =>
      time(Math.floor((container.clock.now() - startedMs) / 1000)),
  },
  nice: { width: 5, header: 'NI', value: () => right(0, 5) },
  rgroup: { width: 8, header: 'RGROUP', value: root },
  ruser: { width: 8, header: 'RUSER', value: root },
  time: { width: 5, header: 'TIME', value: () => time(0) },
  tty: {
    width: 6,
    header: 'TT',
    value: ({ fds }) => (fds.get(0)?.terminal === undefined ? '?' : '136,0'),
  },
  vsz: { width: 4, header: 'VSZ', value: () => right(ADDRESS_SPACE_KB, 4) },
  sid: { width: 5, header: 'SID', value: (process) => right(groupOf(process), 5) },
  stat: {
    width: 4,
    header: 'STAT',
    value: (process, context) => (process.stopped ? 'T' : process === context.process ? 'R' : 'S'),
  },
  rss: { width: 4, header: 'RSS', value: () => right(RESIDENT_KB, 4) },
}

/** The one that a group of processes began with. */
function groupOf({ group, pid }: Process): number {
  return Math.min(pid, ...group.members.map((member) => member.pid))
}

function time(seconds: number): string {
  const pair = (whole: number, mark: string, rest: number) =>
    `${right(whole, 3)}${mark}${String(rest).padStart(2, '0')}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return pair(minutes, ':', seconds % 60)
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? pair(hours, 'h', minutes % 60) : pair(Math.floor(hours / 24), 'd', hours % 24)
}

/** ps: the processes of the container. Options of other systems (`aux`, `-ef`) are taken and change nothing, as in BusyBox. */
export const ps = busyboxProgram(async (context, args) => {
  const asked = args.some((argument) => /^-[a-zA-Z]*o/.test(argument))
  const chosen = asked ? parseOptions(args, 'o:aAdefTwlH').values('o').flatMap(columnsOf) : []
  const columns = chosen.length > 0 ? chosen : columnsOf('pid,user,time,args')
  const screen = context.stdout.terminal?.size.columns ?? Number.POSITIVE_INFINITY
  const line = (values: readonly string[]) => {
    const text = values
      .map((value, index) =>
        index === values.length - 1 ? value : `${value.padEnd(columns[index]?.width ?? 0)} `,
      )
      .join('')
    return `${text.slice(0, screen)}\n`
  }
  if (columns.some(({ header }) => header !== ''))
    await context.stdout.write(line(columns.map(({ header }) => header)))
  for (const process of context.container.processes.all())
    await context.stdout.write(line(columns.map(({ value }) => value(process, context) || '-')))
  return 0
})

/** `pid,args=COMMAND`. Throws `ProgramError`. */
function columnsOf(list: string): Column[] {
  return list.split(',').map((item) => {
    const [, name = '', header] = /^([^=]*)(?:=([\s\S]*))?$/.exec(item) ?? []
    const column = COLUMNS[name]
    if (column === undefined)
      throw new ProgramError(
        `bad -o argument '${name}', supported arguments: ${Object.keys(COLUMNS).join(',')}`,
      )
    if (header === undefined) return column
    return { ...column, header, width: header === '' ? column.width : header.length }
  })
}
