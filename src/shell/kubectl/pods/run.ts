import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { createObject } from '../objects/create-object.ts'
import { generatePod, parseLabels } from '../objects/generate-pod.ts'
import { generateService } from '../objects/generate-service.ts'
import { applyOverrides, OVERRIDE_FLAGS } from '../objects/overrides.ts'
import { createChangeReporter } from '../objects/report-change.ts'
import { runInPod } from './run-in-pod.ts'

/** Creates a pod, and with `-i` or `--attach` stays with it until it ends (`kubectl/pkg/cmd/run`). */
export const runCommand: KubectlCommand = {
  name: 'run',
  summary: 'Run a particular image on the cluster',
  usage:
    'kubectl run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  words: 'none',
  flags: [
    ...PRINT_FLAGS,
    ...OVERRIDE_FLAGS,
    DRY_RUN_FLAG,
    FIELD_MANAGER_FLAG,
    SAVE_CONFIG_FLAG,
    { name: 'annotations', type: 'array' },
    { name: 'attach', type: 'bool' },
    { name: 'cascade', type: 'string', alone: 'background' },
    { name: 'command', type: 'bool' },
    { name: 'env', type: 'array' },
    { name: 'expose', type: 'bool' },
    { name: 'filename', short: 'f', type: 'slice' },
    { name: 'force', type: 'bool' },
    { name: 'generator', type: 'string' },
    { name: 'grace-period', type: 'int' },
    { name: 'image', type: 'string' },
    { name: 'image-pull-policy', type: 'string' },
    { name: 'labels', short: 'l', type: 'string' },
    { name: 'leave-stdin-open', type: 'bool' },
    { name: 'pod-running-timeout', type: 'duration', default: '1m0s' },
    { name: 'port', type: 'string' },
    { name: 'privileged', type: 'bool' },
    { name: 'quiet', short: 'q', type: 'bool' },
    {
      name: 'restart',
      type: 'string',
      default: 'Always',
      values: ['Always', 'Never', 'OnFailure'],
    },
    { name: 'rm', type: 'bool' },
    { name: 'stdin', short: 'i', type: 'bool' },
    { name: 'timeout', type: 'duration' },
    { name: 'tty', short: 't', type: 'bool' },
    { name: 'wait', type: 'bool' },
  ],
  run,
}

/** Flags that kubectl 1.32 still takes and says nothing good about. */
const DEPRECATED: Readonly<Record<string, string>> = {
  cascade: 'because it is not relevant for this command. It will be removed in version 1.29.',
  filename: 'because it is not used by this command. It will be removed in version 1.29.',
  force: 'because it is not used by this command. It will be removed in version 1.29.',
  'grace-period': 'because it is not used by this command. It will be removed in version 1.29.',
  timeout: 'because it is not used by this command. It will be removed in version 1.29.',
  wait: 'because it is not used by this command. It will be removed in version 1.29.',
}

async function run(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals, beforeDash } = given
  for (const [name, why] of Object.entries(DEPRECATED)) {
    if (flags.has(name)) context.err(`Flag --${name} has been deprecated, ${why}\n`)
  }
  if (!flags.has('image')) throw new KubectlError('required flag(s) "image" not set')
  if (flags.has('generator')) {
    context.err(
      'Note: kubectl has no --generator any more (it went in 1.32); the lab leaves it out. kubectl run makes a pod without it.\n',
    )
  }
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun, { sortKeys: dryRun !== 'client' })
  const attach = flags.has('attach') ? flags.bool('attach') : flags.bool('stdin')
  checkFlags(flags, {
    attach,
    dryRun: dryRun !== 'none',
    named: positionals.length > 0 && beforeDash !== 0,
  })
  const [name = '', ...args] = positionals
  const pod = applyOverrides(flags, podOf(context, flags, name, args, dryRun === 'client'))
  const write = { dryRun, fieldManager: flags.string('field-manager') || 'kubectl-run' }
  const saveConfig = flags.bool('save-config')
  const created: AnyKubeObject[] = [await createObject(context, pod, { ...write, saveConfig })]
  let exposeError: unknown
  if (flags.bool('expose')) {
    try {
      const service = serviceOf(context, flags, name, dryRun === 'client')
      const made = await createObject(context, service, { ...write, saveConfig })
      created.push(made)
      report(made, 'created')
      // kubectl separates the objects twice: here, and in its YAML printer.
      if (flags.string('output') === 'yaml') context.out('---\n')
    } catch (error) {
      exposeError = error
    }
  }
  const [live = pod] = created
  if (attach) {
    return runInPod(context, {
      namespace: live.metadata.namespace ?? context.namespace,
      name: live.metadata.name,
      created,
      session: {
        stdin: flags.bool('stdin'),
        tty: flags.bool('tty'),
        quiet: flags.bool('quiet'),
      },
      remove: flags.bool('rm'),
      leaveStdinOpen: flags.bool('leave-stdin-open'),
      timeoutMs: flags.duration('pod-running-timeout'),
    })
  }
  report(live, 'created')
  if (exposeError !== undefined) throw exposeError
  return 0
}

function checkFlags(
  flags: Flags,
  given: { readonly attach: boolean; readonly dryRun: boolean; readonly named: boolean },
): void {
  const usage = (message: string) => usageError('kubectl run', message)
  const image = flags.string('image')
  if (!given.named) throw usage('NAME is required for run')
  if (image === '') throw new KubectlError('--image is required')
  if (!isImageReference(image)) {
    throw new KubectlError(`Invalid image name ${JSON.stringify(image)}: invalid reference format`)
  }
  if (flags.bool('tty') && !flags.bool('stdin')) {
    throw usage('-i/--stdin is required for containers with -t/--tty=true')
  }
  if (flags.bool('expose') && flags.string('port') === '') {
    throw usage('--port must be set when exposing a service')
  }
  const restart = flags.string('restart')
  if (!['', 'Always', 'OnFailure', 'Never'].includes(restart)) {
    throw usage(`invalid restart policy: ${restart}`)
  }
  if (!given.attach && flags.bool('rm')) {
    throw usage('--rm should only be used for attached containers')
  }
  if (given.attach && given.dryRun) {
    throw usage(
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    )
  }
  const policy = flags.string('image-pull-policy')
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(policy)) {
    throw usage(`invalid image pull policy: ${policy}`)
  }
}

/** Whether a text can name an image (`docker/distribution/reference`, ReferenceRegexp). */
function isImageReference(text: string): boolean {
  const component = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*'
  const host = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
  const domain = `${host}(?:\\.${host})*(?::[0-9]+)?`
  return new RegExp(
    `^(?:${domain}/)?${component}(?:/${component})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
  ).test(text)
}

function podOf(
  context: KubectlContext,
  flags: Flags,
  name: string,
  args: readonly string[],
  local: boolean,
): AnyKubeObject {
  return generatePod({
    name,
    namespace: local && !context.enforceNamespace ? undefined : context.namespace,
    image: flags.string('image'),
    imagePullPolicy: flags.string('image-pull-policy'),
    labels: flags.string('labels'),
    annotations: flags.list('annotations'),
    env: flags.list('env'),
    port: flags.string('port'),
    restart: flags.string('restart') || 'Always',
    args,
    argsAreCommand: flags.bool('command'),
    stdin: flags.bool('stdin'),
    stdinOnce: !flags.bool('leave-stdin-open'),
    tty: flags.bool('tty'),
    privileged: flags.bool('privileged'),
  })
}

function serviceOf(
  context: KubectlContext,
  flags: Flags,
  name: string,
  local: boolean,
): AnyKubeObject {
  const labels = flags.string('labels')
  const parsed = labels === '' ? {} : parseLabels(labels)
  return generateService({
    name,
    namespace: local && !context.enforceNamespace ? undefined : context.namespace,
    labels: parsed,
    selector: labels === '' ? { run: name } : parsed,
    ports: flags.string('port'),
    protocol: '',
    protocols: {},
    targetPort: '',
    type: '',
    clusterIp: '',
    externalIp: '',
    loadBalancerIp: '',
    sessionAffinity: '',
  })
}
