import { KubectlError } from '../kubectl-error.ts'
import { readTarget, resolveTargets, targetsOf } from '../targets.ts'
import { record, stringMap } from '../values.ts'
import { NO_TIME } from './generate-pod.ts'
import { type GeneratorInput, generator, requireFlags } from './generator.ts'

/** `kubectl create job`. */
export const jobGenerator = generator({
  name: 'job',
  failing: 'job:',
  summary: 'Create a job with the specified name',
  usage: 'kubectl create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  namespaced: true,
  flags: [
    { name: 'from', type: 'string' },
    { name: 'image', type: 'string' },
  ],
  generate(input) {
    const { flags, args } = input
    const from = flags.string('from')
    const image = flags.string('image')
    if ((image === '') === (from === '')) {
      throw new KubectlError('either --image or --from must be specified')
    }
    if (from !== '' && args.length > 0) throw new KubectlError('cannot specify --from and command')
    if (from !== '') return jobFrom(input, from)
    return {
      kind: 'Job',
      apiVersion: 'batch/v1',
      spec: { template: podTemplate(input, 'Never') },
      status: {},
    }
  },
})

function podTemplate({ name, args, flags }: GeneratorInput, restartPolicy: string) {
  return {
    metadata: NO_TIME,
    spec: {
      containers: [
        {
          name,
          image: flags.string('image'),
          ...(args.length === 0 ? {} : { command: args }),
          resources: {},
        },
      ],
      restartPolicy,
    },
  }
}

/** The job that a cron job would make now. */
async function jobFrom({ context }: GeneratorInput, from: string) {
  const resolved = await resolveTargets(context, { args: [from] })
  const targets = await targetsOf(context, resolved)
  const [target] = targets
  if (target === undefined || targets.length > 1) {
    throw new KubectlError('from must be an existing cronjob')
  }
  const source = await readTarget(context, target)
  if (target.kind.kind !== 'CronJob') {
    throw new KubectlError(`unknown object type *v1.${target.kind.kind}`)
  }
  const template = record(record(source.spec).jobTemplate)
  const metadata = record(template.metadata)
  const labels = stringMap(metadata.labels)
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: {
        'cronjob.kubernetes.io/instantiate': 'manual',
        ...stringMap(metadata.annotations),
      },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: source.metadata.name,
          uid: source.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: template.spec,
    status: {},
  }
}

/** `kubectl create cronjob`. */
export const cronJobGenerator = generator({
  name: 'cronjob',
  aliases: ['cj'],
  failing: 'cronjob:',
  summary: 'Create a cron job with the specified name',
  usage:
    "kubectl create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  namespaced: true,
  flags: [
    { name: 'image', type: 'string' },
    { name: 'restart', type: 'string', values: ['Never', 'OnFailure'] },
    { name: 'schedule', type: 'string' },
  ],
  generate(input) {
    const { name, flags } = input
    requireFlags(flags, ['image', 'schedule'])
    return {
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      spec: {
        schedule: flags.string('schedule'),
        jobTemplate: {
          metadata: { name, ...NO_TIME },
          spec: { template: podTemplate(input, flags.string('restart') || 'OnFailure') },
        },
      },
      status: {},
    }
  },
})
