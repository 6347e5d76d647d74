import { Argument, Command, Option } from 'commander'
import type { BackgroundOptions } from './commands/background.ts'
import type { ExplainOptions } from './commands/explain.ts'
import type { LintOptions } from './commands/lint.ts'
import type { MatrixOptions } from './commands/matrix.ts'
import type { RunCommandOptions } from './commands/run.ts'
import type { ServeOptions } from './commands/serve.ts'
import type { StartOptions } from './commands/start.ts'

export interface CommandOutcome {
  exitCode: number
}

/**
 * The command surface. Each command loads its own module when it runs. Usage errors are one line with the nearest right word.
 */
export function createProgram(version: string, outcome: CommandOutcome): Command {
  const program = new Command('netpol-lab')
  const done = (work: Promise<number>) =>
    work.then((code) => {
      outcome.exitCode = code
    })

  program
    .description('Learn Kubernetes NetworkPolicy by running, breaking and repairing real traffic.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`netpol-lab: ${oneLine(text)}\n`),
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 passed, 1 a check failed, 2 wrong usage, 3 the environment lacks something, 130 interrupted.
Screen reader? netpol-lab start --linear`,
    )

  program
    .command('start')
    .description('open the lab')
    .argument('[lesson]', 'number or id of a lesson to open at once')
    .addOption(clusterOption())
    .option('--context <name>', 'the context of your kubeconfig, with --cluster context')
    .option('--yes', 'yes, the lab may work in that cluster')
    .option('--linear', 'plain lines, for screen readers, small windows and slow links')
    .option('--ascii', 'no character beyond ASCII')
    .addOption(
      new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'),
    )
    .action((lesson: string | undefined, options: StartOptions) =>
      done(import('./commands/start.ts').then(({ start }) => start(lesson, options))),
    )

  program
    .command('run')
    .description('play lessons by themselves, check and grade them')
    .argument('<lesson...>', 'numbers or ids')
    .addOption(clusterOption())
    .option('--context <name>', 'the context of your kubeconfig, with --cluster context')
    .option('--yes', 'yes, the lab may work in that cluster')
    .addOption(
      new Option('--reporter <name>', 'how results are printed')
        .choices(['pretty', 'json', 'junit', 'tap'])
        .default('pretty'),
    )
    .action((lessons: string[], options: RunCommandOptions) =>
      done(import('./commands/run.ts').then(({ run }) => run(lessons, options))),
    )

  program
    .command('list')
    .description('list the lessons')
    .option('--json', 'as JSON')
    .action((options: object) =>
      done(import('./commands/list.ts').then(({ list }) => list(options))),
    )

  program
    .command('progress')
    .description('show, export or reset what you have reached')
    .addArgument(
      new Argument('[what]', 'what to do').choices(['show', 'export', 'reset']).default('show'),
    )
    .argument('[lesson]', 'one lesson; all without it')
    .option('--json', 'as JSON')
    .action((what: string, lesson: string | undefined, options: object) =>
      done(
        import('./commands/progress.ts').then(({ progress }) => progress(what, lesson, options)),
      ),
    )

  program
    .command('doctor')
    .description('look at this computer: which clusters can be used, and what is missing')
    .option('--json', 'as JSON')
    .action((options: object) =>
      done(import('./commands/doctor.ts').then(({ doctor }) => doctor(options))),
    )

  const cluster = program.command('cluster').description("the lab's clusters")
  cluster
    .command('create')
    .description(
      'make the cluster, or open the one that is there; the simulated one runs in the background',
    )
    .addOption(clusterOption())
    .addOption(portOption())
    .addOption(clockOption())
    .option('--from <file>', 'the simulated cluster as cluster save has written it')
    .action((options: object) =>
      done(import('./commands/cluster.ts').then(({ createCluster }) => createCluster(options))),
    )
  cluster
    .command('stop')
    .description('save the simulated cluster in the background and end it')
    .action(() => done(import('./commands/background.ts').then(({ stopCluster }) => stopCluster())))
  cluster
    .command('reset')
    .description('the simulated cluster as new')
    .option('--from <file>', 'or as cluster save has written it')
    .action((options: BackgroundOptions) =>
      done(import('./commands/background.ts').then(({ resetCluster }) => resetCluster(options))),
    )
  cluster
    .command('save')
    .description('write the simulated cluster into a file')
    .argument('<file>', 'cluster create --from opens it again')
    .action((file: string) =>
      done(import('./commands/background.ts').then(({ saveCluster }) => saveCluster(file))),
    )
  cluster
    .command('delete')
    .description('remove what the lab made')
    .addOption(clusterOption())
    .action((options: object) =>
      done(import('./commands/cluster.ts').then(({ deleteCluster }) => deleteCluster(options))),
    )
  cluster
    .command('status')
    .description('say what there is')
    .option('--json', 'as JSON')
    .action((options: object) =>
      done(import('./commands/cluster.ts').then(({ clusterStatus }) => clusterStatus(options))),
    )
  cluster
    .command('serve')
    .description('serve a simulated cluster in the foreground, for any client on this computer')
    .addOption(portOption())
    .option('--kubeconfig <file>', 'write the kubeconfig there')
    .option('--from <file>', 'as cluster save has written it')
    .addOption(clockOption().default('real'))
    .action((options: ServeOptions) =>
      done(import('./commands/serve.ts').then(({ serve }) => serve(options))),
    )
  cluster
    .command('host', { hidden: true })
    .addOption(portOption())
    .addOption(clockOption())
    .option('--from <file>')
    .option('--anew')
    .action((options: BackgroundOptions) =>
      done(import('./commands/background.ts').then(({ host }) => host(options))),
    )

  program
    .command('env')
    .description("print the line that points kubectl at the lab's cluster")
    .addOption(clusterOption())
    .action((options: object) => done(import('./commands/env.ts').then(({ env }) => env(options))))

  program
    .command('shell')
    .description("open your own shell with kubectl pointed at the lab's cluster")
    .addOption(clusterOption())
    .action((options: object) =>
      done(import('./commands/env.ts').then(({ shell }) => shell(options))),
    )

  world(program.command('matrix').description('show who may reach whom, as the policies say'))
    .option('-n, --namespace <name>', 'only pods of this namespace; several times', collect)
    .option('--json', 'as JSON')
    .option('--csv', 'as CSV')
    .option('--dot', 'as a graph for Graphviz')
    .option(
      '--diff <path>',
      'a second set of manifests, several times: which flows change',
      collect,
    )
    .option('--ascii', 'no character beyond ASCII')
    .addOption(
      new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'),
    )
    .action((options: MatrixOptions) =>
      done(import('./commands/matrix.ts').then(({ matrix }) => matrix(options))),
    )
  world(program.command('explain').description('say whether a connection is allowed, and why'))
    .requiredOption('--from <end>', 'NAMESPACE/POD, a workload, node/NAME, or an address')
    .requiredOption('--to <end>', 'NAMESPACE/POD, service/NAME, a workload, a host, or an address')
    .option('--port <port>', 'port[/TCP, /UDP or /SCTP]', '80')
    .option('-n, --namespace <name>', 'namespace of names without one', 'default')
    .option('--json', 'as JSON')
    .action((options: ExplainOptions) =>
      done(import('./commands/explain.ts').then(({ explain }) => explain(options))),
    )
  world(program.command('lint').description('find mistakes that policies often have'))
    .option('--json', 'as JSON')
    .action((options: LintOptions) =>
      done(import('./commands/lint.ts').then(({ lint }) => lint(options))),
    )

  const lesson = program.command('lesson').description('for authors of lessons')
  lesson
    .command('check')
    .description('check lesson files: file, line, column and rule of what is wrong')
    .argument('[folder...]', 'lesson folders; all lessons of the lab without it')
    .action((folders: string[]) =>
      done(import('./commands/lesson.ts').then(({ checkLessons }) => checkLessons(folders))),
    )
  lesson
    .command('test')
    .description(
      'play a lesson: checks fail before and pass after, each wrong answer fails with its own sentence',
    )
    .argument('[lesson...]', 'numbers, ids or folders; all lessons of the lab without it')
    .addOption(clusterOption())
    .action((lessons: string[], options: object) =>
      done(import('./commands/lesson.ts').then(({ testLessons }) => testLessons(lessons, options))),
    )
  lesson
    .command('new')
    .description('make the folder of a new lesson to begin with')
    .argument('<folder>', 'such as lessons/29-my-lesson')
    .action((folder: string) =>
      done(import('./commands/lesson.ts').then(({ newLesson }) => newLesson(folder))),
    )

  program
    .command('test')
    .description('the same as lesson test')
    .argument('[lesson...]', 'numbers, ids or folders')
    .addOption(clusterOption())
    .action((lessons: string[], options: object) =>
      done(import('./commands/lesson.ts').then(({ testLessons }) => testLessons(lessons, options))),
    )

  return program
}

/** Where the commands about policies take objects from. */
function world(command: Command): Command {
  return command
    .option('-f, --filename <path>', 'a manifest, a folder of them, or - ; several times', collect)
    .option('--context <name>', 'the cluster of a context of your kubeconfig')
    .addOption(clusterOption())
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function clusterOption(): Option {
  return new Option('--cluster <kind>', 'where lessons run: simulated, kind or context')
}

function portOption(): Option {
  return new Option('--port <number>', 'port on 127.0.0.1; any free one without it')
}

function clockOption(): Option {
  return new Option('--clock <speed>', 'time in the simulated cluster').choices(['real', 'fast'])
}

/** Commander puts its suggestion on a line of its own; people and logs get one line. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .split('\n')
    .join(' ')
}
