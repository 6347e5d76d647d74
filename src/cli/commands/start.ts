import { LabError } from '../../base/errors.ts'
import { findLesson } from '../../lessons/find-lesson.ts'
import { loadCatalogue } from '../../lessons/load-catalogue.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openSignals } from '../../platform/signals.ts'
import { type App, createApp } from '../../runner/app.ts'
import { createAppPorts } from '../wire/app-ports.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { loadSettings } from '../wire/settings.ts'
import { editorPort, suspendPort, writeCopyPort } from '../wire/terminal-ports.ts'

export interface StartOptions {
  readonly cluster?: string
  readonly context?: string
  readonly yes?: boolean
  readonly linear?: boolean
  readonly ascii?: boolean
  readonly color: 'auto' | 'always' | 'never'
}

/** Opens the lab in the terminal. Without one it says so and does what `run` does. */
export async function start(word: string | undefined, options: StartOptions): Promise<number> {
  const lab = findLab()
  const chosenKind = chooseKind(lab, options)
  const catalogue = await loadCatalogue(lab.lessonsFolder)
  const entry = word === undefined ? undefined : findLesson(catalogue, word)
  if (!process.stdin.isTTY || !process.stdout.isTTY || lab.environment.isCI) {
    process.stderr.write(
      'netpol-lab: there is no terminal here, so the lesson plays by itself, as netpol-lab run does.\n',
    )
    const { run } = await import('./run.ts')
    const id = entry?.id ?? catalogue[0]?.id
    if (id === undefined)
      throw new LabError('ERR_UNKNOWN_LESSON', 'There are no lessons in this installation.')
    return run([id], { ...options, cluster: chosenKind ?? 'simulated', reporter: 'pretty' })
  }
  const { settings, problem } = await loadSettings(lab)
  if (problem !== undefined) process.stderr.write(`${problem}\n`)
  const size = () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 })
  let showed = () => {}
  const drawn = new Promise<void>((resolve) => {
    showed = resolve
  })
  const app = createApp({
    ports: createAppPorts(lab, catalogue, size, drawn),
    settings,
    chosen:
      chosenKind === undefined
        ? undefined
        : { kind: chosenKind, context: options.context, consent: options.yes === true },
    lesson: entry?.id,
  })
  return draw(app, lab, options, showed)
}

async function draw(
  app: App,
  lab: Lab,
  options: StartOptions,
  onDrawn: () => void,
): Promise<number> {
  /** In plain text Ctrl-C comes as a signal and means what it means in a terminal; else it ends the program. */
  let onInterrupt: (() => void) | undefined
  const signals = openSignals({
    source: {
      on: (name, listener) =>
        process.on(name, () => (name === 'SIGINT' && onInterrupt ? onInterrupt() : listener())),
      off: (name) => process.removeAllListeners(name),
    },
    onSecondSignal: () => process.exit(130),
  })
  signals.signal.addEventListener('abort', () => void app.stop(130))
  const shared = {
    model: app,
    input: process.stdin,
    output: process.stdout,
    clock: createRealClock(),
    writeCopy: writeCopyPort(app, lab.home.data),
    openEditor: editorPort(lab.environment),
    onHangup: () => void app.stop(130),
  }
  // A warning of Node in the middle of a screen would tear it; it is said afterwards.
  const warnings: string[] = []
  process.removeAllListeners('warning')
  process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`))
  const { variables } = lab.environment
  const ascii = plainCharacters(lab, options)
  let linear = wantsLinear(lab, options)
  try {
    if (!linear) {
      process.stdout.write('Screen reader? netpol-lab start --linear\n')
      const { runFullScreen } = await import('../../tui/full-screen.tsx')
      const screen = runFullScreen({
        ...shared,
        env: {
          color: colored(lab, options),
          ascii,
          tmux: variables.TMUX !== undefined,
          escapeMs: variables.SSH_TTY === undefined ? 50 : 100,
        },
        suspendProcess: suspendPort(lab.environment),
      })
      signals.onClose(() => screen.close())
      setImmediate(onDrawn)
      linear = (await screen.done) === 'plain-text'
    }
    if (linear) {
      const { runLinear } = await import('../../tui/linear.ts')
      const lines = runLinear({ ...shared, env: { ascii } })
      signals.onClose(() => lines.close())
      setImmediate(onDrawn)
      onInterrupt = () => lines.interrupt()
      await lines.done
    }
    const { exitCode, farewell } = await app.ended
    for (const text of farewell) process.stdout.write(`${text}\n`)
    for (const text of warnings) process.stderr.write(`${text}\n`)
    return exitCode
  } finally {
    await signals.close()
  }
}

function plainCharacters(lab: Lab, options: StartOptions): boolean {
  const { environment } = lab
  return (
    options.ascii === true ||
    environment.lab.ascii ||
    !environment.utf8 ||
    environment.term === 'linux'
  )
}

function chooseKind(lab: Lab, options: StartOptions) {
  if (options.cluster !== undefined) return parseClusterKind(options.cluster, '--cluster')
  if (options.context !== undefined) return 'context' as const
  const fromEnvironment = lab.environment.lab.cluster
  return fromEnvironment === undefined
    ? undefined
    : parseClusterKind(fromEnvironment, 'NETPOL_LAB_CLUSTER')
}

/** Asked for, a screen reader, a terminal that can do no more, a window that is too small. */
function wantsLinear(lab: Lab, options: StartOptions): boolean {
  const { variables } = lab.environment
  const accessible = !['', '0', 'false'].includes(variables.ACCESSIBLE ?? '')
  return (
    options.linear === true ||
    lab.environment.lab.display === 'linear' ||
    accessible ||
    variables.INK_SCREEN_READER === 'true' ||
    lab.environment.term === 'dumb' ||
    (process.stdout.columns ?? 80) < 80 ||
    (process.stdout.rows ?? 24) < 24
  )
}

function colored(lab: Lab, options: StartOptions): boolean {
  if (options.color !== 'auto') return options.color === 'always'
  if (!['', '0', 'false'].includes(lab.environment.variables.FORCE_COLOR ?? '')) return true
  return !lab.environment.noColor
}
