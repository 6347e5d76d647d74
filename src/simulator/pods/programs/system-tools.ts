import { pathOf } from '../process/program-context.ts'
import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { formatDate, parseTime } from './date-format.ts'

const hostname = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'sidfF:')
  const { network } = context.container
  if (options.operands.length > 0 || options.has('F'))
    throw new ProgramError('sethostname: Operation not permitted')
  if (options.has('i')) await context.stdout.write(`${network.address} \n`)
  else if (options.has('d')) await context.stdout.write('\n')
  else await context.stdout.write(`${network.hostname}\n`)
  return 0
})

const uname = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'amnrspvio')
  if (options.operands.length > 0) throw new UsageError('')
  const fields: readonly (readonly [string, string])[] = [
    ['s', 'Linux'],
    ['n', context.container.network.hostname],
    ['r', '6.8.0-netpol-lab'],
    ['v', '#1 SMP PREEMPT_DYNAMIC'],
    ['m', 'x86_64'],
    ['p', 'unknown'],
    ['i', 'unknown'],
    ['o', 'Linux'],
  ]
  const all = options.has('a')
  const wanted = fields.filter(([letter]) => (all ? !'pi'.includes(letter) : options.has(letter)))
  const shown = wanted.length === 0 ? fields.slice(0, 1) : wanted
  await context.stdout.write(`${shown.map(([, text]) => text).join(' ')}\n`)
  return 0
})

const id = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ugGnr')
  const { operands } = options
  if (operands[0] !== undefined && operands[0] !== 'root')
    throw new ProgramError(`unknown user ${operands[0]}`)
  const single = options.has('u') || options.has('g') || options.has('G')
  if (single) await context.stdout.write(options.has('n') ? 'root\n' : '0\n')
  else
    await context.stdout.write(
      'uid=0(root) gid=0(root) groups=0(root),1(bin),2(daemon),3(sys),4(adm),6(disk),10(wheel),11(floppy),20(dialout),26(tape),27(video)\n',
    )
  return 0
})

const whoami = busyboxProgram(async (context, args) => {
  if (args.length > 0) throw new UsageError('')
  await context.stdout.write('root\n')
  return 0
})

const groups = busyboxProgram(async (context, args) => {
  const [user] = args
  if (user !== undefined && user !== 'root') throw new ProgramError(`unknown user ${user}`)
  await context.stdout.write('root bin daemon sys adm disk wheel floppy dialout tape video\n')
  return 0
})

const arch = busyboxProgram(async (context) => {
  await context.stdout.write('x86_64\n')
  return 0
})

const usleep = busyboxProgram(async (context, args) => {
  const [microseconds] = args
  if (microseconds === undefined) throw new UsageError('')
  await context.container.clock.sleep(wholeNumber(microseconds) / 1000, { signal: context.signal })
  return 0
})

const date = busyboxProgram(async (context, args) => {
  const options = parseOptions(
    args.filter((argument) => !/^-I/.test(argument)),
    'uRd:r:s:D:',
    { utc: 'u', date: 'd', rfc: 'R' },
  )
  const iso = args.find((argument) => /^-I/.test(argument))
  const format = options.operands.find((operand) => operand.startsWith('+'))
  if (options.has('s') || options.operands.some((operand) => !operand.startsWith('+'))) {
    const [time = ''] = options.operands.filter((operand) => !operand.startsWith('+'))
    if (!options.has('s') && !/^\d+(\.\d+)?$/.test(time))
      throw new ProgramError(`invalid date '${time}'`)
    throw new ProgramError("can't set date: Operation not permitted")
  }
  const text = options.value('d')
  const clockMs = context.container.clock.now()
  const file = options.value('r')
  const stat = file === undefined ? undefined : context.container.files.stat(pathOf(context, file))
  if (file !== undefined && stat === undefined)
    throw new ProgramError(`can't stat '${file}': No such file or directory`)
  const now = stat?.modifiedMs ?? (text === undefined ? clockMs : parseTime(text, clockMs))
  if (Number.isNaN(now)) throw new ProgramError(`invalid date '${text}'`)
  const isoFormats: Readonly<Record<string, string>> = {
    '-I': '%Y-%m-%d',
    '-Ihours': '%Y-%m-%dT%H+00:00',
    '-Iminutes': '%Y-%m-%dT%H:%M+00:00',
    '-Iseconds': '%Y-%m-%dT%H:%M:%S+00:00',
  }
  const pattern =
    format?.slice(1) ??
    (iso === undefined ? undefined : isoFormats[iso]) ??
    (options.has('R') ? '%a, %d %b %Y %H:%M:%S +0000' : '%a %b %e %H:%M:%S UTC %Y')
  await context.stdout.write(`${formatDate(pattern, now, { gnu: context.gnu === true })}\n`)
  return 0
})

const uptime = busyboxProgram(async (context) => {
  const seconds = Math.floor(context.container.uptimeMs() / 1000)
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const now = formatDate('%H:%M:%S', context.container.clock.now())
  const up = `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`}`
  await context.stdout.write(` ${now} up ${up},  load average: 0.08, 0.03, 0.01\n`)
  return 0
})

const clear = busyboxProgram(async (context) => {
  await context.stdout.write('\u001b[H\u001b[J')
  return 0
})

const tty = busyboxProgram(async (context) => {
  const on = context.stdin.terminal !== undefined
  if (!context.argv.includes('-s')) await context.stdout.write(on ? '/dev/pts/0\n' : 'not a tty\n')
  return on ? 0 : 1
})

const nproc = busyboxProgram(async (context) => {
  await context.stdout.write('2\n')
  return 0
})

/** The programs about the machine and the user. */
export const systemTools = {
  arch,
  groups,
  usleep,
  hostname,
  uname,
  id,
  whoami,
  date,
  uptime,
  clear,
  tty,
  nproc,
}
