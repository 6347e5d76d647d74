import type { Program, ProgramContext } from '../../process/program.ts'
import { type CurlOptions, CurlUsageError, parseCurlOptions } from './options.ts'
import { createProgressMeter } from './progress.ts'
import { CurlError, type CurlJob, transfer } from './transfer.ts'
import { newFacts, type TransferFacts, writeOut } from './write-out.ts'

const CURL_VERSION = '8.12.1'

const TRY_HELP = "curl: try 'curl --help' or 'curl --manual' for more information\n"
const HELP = `Usage: curl [options...] <url>
 -d, --data <data>           HTTP POST data
 -f, --fail                  Fail fast with no output on HTTP errors
 -h, --help <subject>        Get help for commands
 -o, --output <file>         Write to file instead of stdout
 -O, --remote-name           Write output to file named as remote file
 -i, --show-headers          Show response headers in output
 -s, --silent                Silent mode
 -u, --user <user:password>  Server user and password
 -A, --user-agent <name>     Send User-Agent <name> to server
 -v, --verbose               Make the operation more talkative
 -V, --version               Show version number and quit

This is not the full help; this menu is split into categories.
Use "--help category" to get an overview of all categories, which are:
auth, connection, curl, deprecated, dns, file, ftp, global, http, imap, ldap, 
output, pop3, post, proxy, scp, sftp, smtp, ssh, telnet, tftp, timeout, tls, 
upload, verbose.
Use "--help all" to list all options
`

/** curl for HTTP: what it transfers, and its errors by number: 6 name, 7 connection, 22 status, 28 time, 52 silence. */
export const curl: Program = async (context) => {
  let options: CurlOptions
  try {
    options = parseCurlOptions(context.argv.slice(1))
  } catch (error) {
    if (!(error instanceof CurlUsageError)) throw error
    await context.stderr.write(`${error.message}\n${TRY_HELP}`)
    return 2
  }
  const { flags, urls } = options
  if (flags.has('help')) {
    await context.stdout.write(HELP)
    return 0
  }
  if (flags.has('version')) {
    await context.stdout.write(
      `curl ${CURL_VERSION} (x86_64-pc-linux-musl) libcurl/${CURL_VERSION} OpenSSL/3.3.3 zlib/1.3.1\nRelease-Date: 2025-02-13\nProtocols: http https telnet\nFeatures: SSL\n`,
    )
    return 0
  }
  if (urls.length === 0) {
    await context.stderr.write(`curl: (2) no URL specified\n${TRY_HELP}`)
    return 2
  }
  let status = 0
  for (const [index, url] of urls.entries()) {
    status = await attemptAll(context, url, options, index)
  }
  return status
}

/** One URL, again as often as `--retry` says. */
async function attemptAll(
  context: ProgramContext,
  url: string,
  options: CurlOptions,
  index: number,
): Promise<number> {
  const { flags } = options
  const { clock } = context.container
  const quiet = flags.has('silent')
  const value = (name: string) => options.values.get(name)?.at(-1)
  const retries = Number(value('retry') ?? '0')
  for (let attempt = 0; ; attempt++) {
    const facts = newFacts(url, clock.now())
    const job = jobFor(context, url, options, index, facts)
    const error = await tryOnce(context, job)
    if (error !== undefined) {
      facts.exitCode = error.exitCode
      facts.error = error.message
      if (!quiet || flags.has('show-error')) {
        await context.stderr.write(`curl: (${error.exitCode}) ${error.message}\n`)
      }
    }
    const problem = error === undefined ? httpProblem(facts) : retryProblem(error, flags)
    if (attempt < retries && problem !== undefined) {
      const delay = value('retry-delay')
      const seconds = delay === undefined ? 2 ** attempt : Number(delay)
      if (!quiet) {
        const left = retries - attempt
        await context.stderr.write(
          `Warning: Problem: ${problem}. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. ${left} ${left === 1 ? 'retry' : 'retries'} left.\n`,
        )
      }
      await clock.sleep(seconds * 1000, { signal: context.signal })
      continue
    }
    const format = value('write-out')
    if (format !== undefined) await context.stdout.write(writeOut(format, facts, clock.now()))
    return facts.exitCode
  }
}

async function tryOnce(context: ProgramContext, job: CurlJob): Promise<CurlError | undefined> {
  try {
    await transfer(context, job)
    return undefined
  } catch (error) {
    if (!(error instanceof CurlError)) throw error
    return error
  }
}

function httpProblem({ status }: TransferFacts): string | undefined {
  return [408, 429, 500, 502, 503, 504].includes(status) ? 'HTTP error' : undefined
}

function retryProblem(error: CurlError, flags: ReadonlySet<string>): string | undefined {
  if (error.exitCode === 28) return 'timeout'
  if (error.exitCode === 7 && flags.has('retry-connrefused')) return 'connection refused'
  if (error.exitCode === 6) return 'timeout'
  return flags.has('retry-all-errors') ? '(retrying all errors)' : undefined
}

function jobFor(
  context: ProgramContext,
  url: string,
  options: CurlOptions,
  index: number,
  facts: TransferFacts,
): CurlJob {
  const { flags } = options
  const outputs = options.values.get('output') ?? []
  const path = url.replace(/[?#].*/, '')
  const remoteName = path.slice(path.lastIndexOf('/') + 1)
  const output = outputs[index] ?? (flags.has('remote-name') ? remoteName : undefined)
  const toTerminal = output === undefined && context.stdout.terminal !== undefined
  const meter =
    !flags.has('silent') && !flags.has('no-progress-meter') && !toTerminal && output !== '-'
  return { url, options, output, facts, meter: createProgressMeter(context, meter) }
}
