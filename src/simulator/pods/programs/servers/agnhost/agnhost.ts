import type { Program, ProgramContext } from '../../../process/program.ts'
import { CONNECT_FLAGS, connect } from './connect.ts'
import { GoFlagError, type GoFlags, parseGoFlags } from './go-flags.ts'
import { GRPC_HEALTH_FLAGS, grpcHealthChecking } from './grpc-health-checking.ts'
import { NETEXEC_FLAGS, netexec } from './netexec.ts'
import {
  dnsFacts,
  PORTER_FLAGS,
  pauseCommand,
  porter,
  SERVE_HOSTNAME_FLAGS,
  serveHostname,
  TEST_WEBSERVER_FLAGS,
  testWebserver,
} from './small-commands.ts'

interface Command {
  readonly short: string
  readonly use?: string
  readonly flags: Readonly<Record<string, string>>
  /** @default none are allowed */
  readonly operands?: number
  readonly run: (context: ProgramContext, flags: GoFlags) => Promise<number>
}

/** The subcommands that network lessons use; the image has more. */
const COMMANDS: Readonly<Record<string, Command>> = {
  connect: {
    short: 'Attempts a TCP, UDP or SCTP connection and returns useful errors',
    use: 'connect [host:port]',
    flags: CONNECT_FLAGS,
    operands: 1,
    run: connect,
  },
  'dns-server-list': {
    short: 'Prints the DNS server list',
    flags: {},
    run: (context) => dnsFacts(context, 'dns-server-list'),
  },
  'dns-suffix': {
    short: 'Prints the DNS suffix list',
    flags: {},
    run: (context) => dnsFacts(context, 'dns-suffix'),
  },
  'etc-hosts': {
    short: 'Prints the host file',
    flags: {},
    run: (context) => dnsFacts(context, 'etc-hosts'),
  },
  'grpc-health-checking': {
    short: 'Starts a simple grpc health checking endpoint',
    flags: GRPC_HEALTH_FLAGS,
    run: grpcHealthChecking,
  },
  netexec: {
    short: 'Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints',
    flags: NETEXEC_FLAGS,
    run: netexec,
  },
  pause: { short: 'Pauses the execution', flags: {}, run: pauseCommand },
  porter: {
    short: 'Serves requested data on ports specified in ENV variables',
    flags: PORTER_FLAGS,
    run: porter,
  },
  'serve-hostname': {
    short: 'Serves the hostname',
    flags: SERVE_HOSTNAME_FLAGS,
    run: serveHostname,
  },
  'test-webserver': {
    short: 'Starts a simple HTTP fileserver',
    flags: TEST_WEBSERVER_FLAGS,
    run: testWebserver,
  },
}

/** Subcommands of the real image that are not here. */
const NOT_SIMULATED = [
  'audit-proxy',
  'crd-conversion-webhook',
  'entrypoint-tester',
  'fake-gitserver',
  'guestbook',
  'inclusterclient',
  'liveness',
  'logs-generator',
  'mounttest',
  'net',
  'nettest',
  'no-snat-test',
  'no-snat-test-proxy',
  'port-forward-tester',
  'resource-consumer-controller',
  'tcp-reset',
  'test-service-account-issuer-discovery',
  'webhook',
]

/** agnhost of the Kubernetes end-to-end tests (test/images/agnhost), 2.53. What cobra finds wrong is said with exit 0, as the real one does. */
export const agnhost: Program = async (context) => {
  const [, name, ...args] = context.argv
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await context.stdout.write(usage())
    return 0
  }
  if (name === '--version') {
    await context.stdout.write('app version 2.53\n')
    return 0
  }
  const command = COMMANDS[name]
  if (command === undefined) {
    const missing = NOT_SIMULATED.includes(name)
    await context.stderr.write(
      missing
        ? `Error: the simulated agnhost has no ${name}; it has ${Object.keys(COMMANDS).join(', ')}\n`
        : `Error: unknown command "${name}" for "app"\nRun 'app --help' for usage.\n`,
    )
    return missing ? 1 : 0
  }
  const wrong = async (text: string) => {
    await context.stderr.write(`Error: ${text}\n`)
    await context.stdout.write(commandUsage(name, command))
    return 0
  }
  if (args.includes('--help') || args.includes('-h')) {
    await context.stdout.write(`${command.short}\n\n${commandUsage(name, command)}`)
    return 0
  }
  let flags: GoFlags
  try {
    flags = parseGoFlags(args, command.flags)
  } catch (error) {
    if (!(error instanceof GoFlagError)) throw error
    return wrong(error.message)
  }
  const count = flags.operands.length
  if (command.operands !== undefined && count !== command.operands) {
    return wrong(`accepts ${command.operands} arg(s), received ${count}`)
  }
  if (command.operands === undefined && count > 0) {
    return wrong(`accepts at most 0 arg(s), received ${count}`)
  }
  return command.run(context, flags)
}

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, { short }]) => `  ${name.padEnd(24)} ${short}`)
  return `Usage:\n  app [command]\n\nAvailable Commands:\n${rows.join('\n')}\n\nFlags:\n  -h, --help      help for app\n      --version   version for app\n\nUse "app [command] --help" for more information about a command.\n`
}

function commandUsage(name: string, command: Command): string {
  const rows = Object.entries(command.flags).map(([flag, value]) => {
    const shown =
      value === '' || value === 'false' || value === '0s'
        ? ''
        : ` (default ${/^-?\d+$|^true$/.test(value) ? value : JSON.stringify(value)})`
    return `      --${flag}${shown}`
  })
  return `Usage:\n  app ${command.use ?? name} [flags]\n\nFlags:\n${rows.join('\n')}\n  -h, --help\n\n`
}
