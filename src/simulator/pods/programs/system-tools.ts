import { absolutePath, DEFAULT_PATH } from '../files/file-node.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import type { ProgramContext } from '../process/program.ts'
import { parseSignal } from '../process/signals.ts'
import {
  busyboxProgram,
  duration,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'
import { formatDate } from './date-format.ts'

/** Starts another program with this one's streams; `undefined` where there is none of that name. */
function startChild(
  context: ProgramContext,
  argv: readonly string[],
  options: { readonly env?: ReadonlyMap<string, string>; readonly group?: ProcessGroup } = {},
): Process | undefined {
  const env = options.env ?? context.env
  const found = context.container.findProgram(argv[0] ?? '', {
    path: env.get('PATH') ?? DEFAULT_PATH,
    cwd: context.cwd,
  })
  if (found.kind !== 'program') return undefined
  return context.container.spawn(found.program, {
    argv,
    env,
    cwd: context.cwd,
    fds: context.process.fds.clone(),
    parent: context.process,
    group: options.group,
  })
}

const env = busyboxProgram(
  `env [-iu0] [-] [name=value]... [PROG ARGS]

Print current environment or run PROG after setting up environment

	-, -i	Start with empty environment
	-0	NUL terminated output
	-u	Remove variable from environment`,
  async (context, args) => {
    const options = parseOptions(args, '+i0u:')
    const operands = [...options.operands]
    const variables = new Map(options.has('i') || operands[0] === '-' ? [] : context.env)
    if (operands[0] === '-') operands.shift()
    for (const name of options.values('u')) variables.delete(name)
    while (operands[0]?.includes('=')) {
      const [name = '', ...value] = (operands.shift() ?? '').split('=')
      variables.set(name, value.join('='))
    }
    if (operands.length === 0) {
      for (const [name, value] of variables)
        await context.stdout.write(`${name}=${value}${options.has('0') ? '\0' : '\n'}`)
      return 0
    }
    const child = startChild(context, operands, { env: variables })
    if (child === undefined)
      throw new ProgramError(`can't execute '${operands[0]}': No such file or directory`, 127)
    return child.exited
  },
)

const printenv = busyboxProgram(
  `printenv [VARIABLE]...

Print environment VARIABLEs.
If no VARIABLE specified, print all.`,
  async (context, args) => {
    if (args.length === 0) {
      for (const [name, value] of context.env) await context.stdout.write(`${name}=${value}\n`)
      return 0
    }
    let status = 0
    for (const name of args) {
      const value = context.env.get(name)
      if (value === undefined) status = 1
      else await context.stdout.write(`${value}\n`)
    }
    return status
  },
)

const hostname = busyboxProgram(
  `hostname [-sidf] [HOSTNAME | -F FILE]

Show or set hostname or DNS domain name

	-s	Short
	-i	Addresses for the hostname
	-d	DNS domain name
	-f	Fully qualified domain name
	-F FILE	Use FILE's content as hostname`,
  async (context, args) => {
    const options = parseOptions(args, 'sidfF:')
    const { network } = context.container
    if (options.operands.length > 0 || options.has('F'))
      throw new ProgramError('sethostname: Operation not permitted')
    if (options.has('i')) await context.stdout.write(`${network.address} \n`)
    else if (options.has('d')) await context.stdout.write('\n')
    else await context.stdout.write(`${network.hostname}\n`)
    return 0
  },
)

const uname = busyboxProgram(
  `uname [-amnrspvio]

Print system information`,
  async (context, args) => {
    const options = parseOptions(args, 'amnrspvio')
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
  },
)

const id = busyboxProgram(
  `id [-ugGnr] [USER]

Print information about USER or the current user`,
  async (context, args) => {
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
  },
)

const whoami = busyboxProgram(
  'whoami\n\nPrint the user name associated with the current effective user id',
  async (context) => {
    await context.stdout.write('root\n')
    return 0
  },
)

const date = busyboxProgram(
  `date [OPTIONS] [+FMT] [[-s] TIME]

Display time (using +FMT), or set time

	-u		Work in UTC (don't convert to local time)
	-R		RFC-2822 compliant output
	-I[SPEC]	ISO-8601 output
	-d TIME		Display TIME, not 'now'`,
  async (context, args) => {
    const options = parseOptions(
      args.filter((argument) => !/^-I/.test(argument)),
      'uRd:r:s:D:',
    )
    const iso = args.find((argument) => /^-I/.test(argument))
    const format = options.operands.find((operand) => operand.startsWith('+'))
    if (options.has('s') || options.operands.some((operand) => !operand.startsWith('+'))) {
      throw new ProgramError("can't set date: Operation not permitted")
    }
    const text = options.value('d')
    const now = text === undefined ? context.container.clock.now() : parseTime(text)
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
    await context.stdout.write(`${formatDate(pattern, now)}\n`)
    return 0
  },
)

function parseTime(text: string): number {
  if (/^@\d+$/.test(text)) return Number(text.slice(1)) * 1000
  return Date.parse(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}

const sleep = busyboxProgram(
  `sleep [N]...

Pause for a time equal to the total of the args given, where each arg can
have an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays`,
  async (context, args) => {
    if (args.length === 0) throw new UsageError('')
    if (args.some((argument) => argument === 'infinity' || argument === 'inf')) {
      await new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason), {
          once: true,
        })
      })
    }
    const seconds = args.reduce((sum, text) => sum + duration(text), 0)
    // Timers of computers end at 2^31 ms; longer waits are made of several.
    for (let leftMs = seconds * 1000; leftMs > 0; leftMs -= 2_000_000_000) {
      await context.container.clock.sleep(Math.min(leftMs, 2_000_000_000), {
        signal: context.signal,
      })
    }
    return 0
  },
)

const timeout = busyboxProgram(
  `timeout [-s SIG] [-k KILL_SECS] SECS PROG ARGS

Run PROG. Send SIG to it if it is not gone in SECS seconds.
Default SIG: TERM.
If it still exists in KILL_SECS seconds, send KILL.`,
  async (context, args) => {
    const options = parseOptions(args, '+s:k:')
    const [seconds, ...argv] = options.operands
    if (seconds === undefined || argv.length === 0) throw new UsageError('')
    const signal = parseSignal(options.value('s') ?? 'TERM')
    if (signal === undefined) throw new ProgramError(`bad signal name '${options.value('s')}'`)
    const limitMs = duration(seconds) * 1000
    const child = startChild(context, argv)
    if (child === undefined)
      throw new ProgramError(`can't execute '${argv[0]}': No such file or directory`, 127)
    const { clock } = context.container
    const cancels: (() => void)[] = []
    if (limitMs > 0) {
      cancels.push(
        clock.after(limitMs, () => {
          child.signal(signal)
          const killSeconds = options.value('k')
          if (killSeconds !== undefined)
            cancels.push(clock.after(duration(killSeconds) * 1000, () => child.signal('SIGKILL')))
        }),
      )
    }
    context.onSignal('SIGTERM', () => {
      child.signal('SIGTERM')
    })
    const status = await child.exited
    for (const cancel of cancels) cancel()
    // BusyBox' timeout becomes the program that it watches: what ends one ends the other.
    if (child.endedBy !== undefined) context.process.dieBy(child.endedBy)
    context.signal.throwIfAborted()
    return status
  },
)

const time = busyboxProgram(
  `time [-vpa] [-o FILE] PROG ARGS

Run PROG, display resource usage when it exits

	-v	Verbose
	-p	POSIX output format`,
  async (context, args) => {
    const options = parseOptions(args, '+vpao:f:')
    const argv = options.operands
    if (argv.length === 0) throw new UsageError('')
    const startedMs = context.container.clock.now()
    const child = startChild(context, argv)
    if (child === undefined)
      throw new ProgramError(`can't execute '${argv[0]}': No such file or directory`, 127)
    const status = await child.exited
    const seconds = (context.container.clock.now() - startedMs) / 1000
    const minutes = Math.floor(seconds / 60)
    const left = (seconds % 60).toFixed(2)
    await context.stderr.write(
      options.has('p')
        ? `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`
        : `real\t${minutes}m ${left}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n`,
    )
    return status
  },
)

const ps = busyboxProgram(
  `ps [-o COL1,COL2=HEADER] [-T]

Show list of processes`,
  async (context) => {
    await context.stdout.write('PID   USER     TIME  COMMAND\n')
    for (const process of context.container.processes.all()) {
      await context.stdout.write(
        `${String(process.pid).padStart(5)} root      0:00 ${process.command.join(' ')}\n`,
      )
    }
    return 0
  },
)

const uptime = busyboxProgram(
  'uptime\n\nTell how long the system has been running',
  async (context) => {
    const seconds = Math.floor(context.container.uptimeMs() / 1000)
    const days = Math.floor(seconds / 86_400)
    const hours = Math.floor((seconds % 86_400) / 3600)
    const minutes = Math.floor((seconds % 3600) / 60)
    const now = formatDate('%H:%M:%S', context.container.clock.now())
    const up = `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`}`
    await context.stdout.write(` ${now} up ${up},  load average: 0.08, 0.03, 0.01\n`)
    return 0
  },
)

const which = busyboxProgram(
  `which [-a] COMMAND...

Locate COMMAND`,
  async (context, args) => {
    const options = parseOptions(args, 'a')
    const { files } = context.container
    let status = 0
    for (const name of options.operands) {
      const candidates = name.includes('/')
        ? [name]
        : (context.env.get('PATH') ?? '').split(':').map((folder) => `${folder}/${name}`)
      const found = candidates.filter((path) => {
        const stat = files.stat(absolutePath(context.cwd, path))
        return stat?.kind === 'file' && stat.executable
      })
      if (found.length === 0) status = 1
      for (const path of options.has('a') ? found : found.slice(0, 1))
        await context.stdout.write(`${path}\n`)
    }
    return status
  },
)

const basename = busyboxProgram(
  'basename FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...',
  async (context, args) => {
    const [path, suffix] = args
    if (path === undefined) throw new UsageError('')
    const bare = path.replace(/\/+$/, '')
    const name = bare.slice(bare.lastIndexOf('/') + 1) || '/'
    const cutOff = suffix !== undefined && name !== suffix && name.endsWith(suffix)
    await context.stdout.write(`${cutOff ? name.slice(0, -(suffix?.length ?? 0)) : name}\n`)
    return 0
  },
)

const dirname = busyboxProgram('dirname FILENAME', async (context, args) => {
  const [path] = args
  if (path === undefined) throw new UsageError('')
  const bare = path.replace(/\/+$/, '')
  const at = bare.lastIndexOf('/')
  await context.stdout.write(`${at === -1 ? '.' : at === 0 ? '/' : bare.slice(0, at)}\n`)
  return 0
})

const pwd = busyboxProgram(
  'pwd\n\nPrint the full filename of the current working directory',
  async (context) => {
    await context.stdout.write(`${context.cwd}\n`)
    return 0
  },
)

const clear = busyboxProgram('clear\n\nClear screen', async (context) => {
  await context.stdout.write('\u001b[H\u001b[J')
  return 0
})

const tty = busyboxProgram("tty [-s]\n\nPrint file name of stdin's terminal", async (context) => {
  const on = context.stdin.terminal !== undefined
  await context.stdout.write(on ? '/dev/pts/0\n' : 'not a tty\n')
  return on ? 0 : 1
})

const nproc = busyboxProgram('nproc [--all] [--ignore=N]', async (context) => {
  await context.stdout.write('2\n')
  return 0
})

const expr = busyboxProgram('expr EXPRESSION', async (context, args) => {
  const [left = '', operator, right = ''] = args
  const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
  const a = Number(left)
  const b = Number(right)
  const truth = (value: boolean) => (value ? '1' : '0')
  let result: string
  switch (operator) {
    case undefined:
      result = left
      break
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      if (!numbers) throw new ProgramError('non-numeric argument', 2)
      if (b === 0 && (operator === '/' || operator === '%'))
        throw new ProgramError('division by zero', 2)
      result = String(
        operator === '+'
          ? a + b
          : operator === '-'
            ? a - b
            : operator === '*'
              ? a * b
              : operator === '/'
                ? Math.trunc(a / b)
                : a % b,
      )
      break
    case '=':
    case '==':
      result = truth(left === right)
      break
    case '!=':
      result = truth(left !== right)
      break
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const difference = numbers ? a - b : left < right ? -1 : left > right ? 1 : 0
      result = truth(
        operator === '<'
          ? difference < 0
          : operator === '<='
            ? difference <= 0
            : operator === '>'
              ? difference > 0
              : difference >= 0,
      )
      break
    }
    default:
      throw new ProgramError('syntax error', 2)
  }
  await context.stdout.write(`${result}\n`)
  return result === '' || result === '0' ? 1 : 0
})

/** The programs about the machine, its processes and the environment. */
export const systemTools = {
  env,
  printenv,
  hostname,
  uname,
  id,
  whoami,
  date,
  sleep,
  timeout,
  time,
  ps,
  uptime,
  which,
  basename,
  dirname,
  pwd,
  clear,
  tty,
  nproc,
  expr,
}
