import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { dryRunOf } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { FlagSpec, Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, usageError } from '../kubectl-error.ts'
import { CREATE_FLAGS } from './create.ts'
import { createObject } from './create-object.ts'
import { NO_TIME, sortRecord } from './generate-pod.ts'
import { createChangeReporter } from './report-change.ts'

interface GeneratorInput {
  readonly name: string
  /** Words after the name. */
  readonly args: readonly string[]
  readonly flags: Flags
  readonly context: KubectlContext
}

/** A `kubectl create KIND NAME` command: its object in the order of kubectl's own types. */
function generator(options: {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly usage: string
  readonly namespaced: boolean
  /** What kubectl says it could not create; the server's words alone where absent. */
  readonly failing?: string
  readonly flags: readonly FlagSpec[]
  readonly generate: (
    input: GeneratorInput,
  ) => Record<string, unknown> | Promise<Record<string, unknown>>
}): KubectlCommand {
  const command = `kubectl create ${options.name}`
  return {
    name: `create ${options.name}`,
    aliases: (options.aliases ?? []).map((alias) => `create ${alias}`),
    summary: options.summary,
    usage: options.usage,
    words: 'none',
    flags: [...CREATE_FLAGS, ...options.flags],
    async run(context: KubectlContext, given: ParsedFlags): Promise<number> {
      const { flags, positionals, beforeDash } = given
      const names = beforeDash === -1 ? positionals : positionals.slice(0, beforeDash)
      const [name] = names
      if (name === undefined || names.length !== 1) {
        const text = `exactly one NAME is required, got ${names.length}`
        throw usageError(command, text)
      }
      const dryRun = dryRunOf(flags, context.err)
      const report = createChangeReporter(context, flags, dryRun, { sortKeys: dryRun !== 'client' })
      const args = positionals.slice(1)
      const generated = await options.generate({ name, args, flags, context })
      const { apiVersion = 'v1', kind, ...fields } = generated
      const showNamespace = options.namespaced && (dryRun !== 'client' || context.enforceNamespace)
      const object: AnyKubeObject = {
        kind: String(kind),
        apiVersion: String(apiVersion),
        metadata: {
          name,
          ...(showNamespace ? { namespace: context.namespace } : {}),
          ...NO_TIME,
          ...('labels' in fields && isStringMap(fields.labels) ? { labels: fields.labels } : {}),
        },
        ...without(fields, 'labels'),
      }
      const created = await createObject(context, object, {
        dryRun,
        fieldManager: flags.string('field-manager') || 'kubectl-create',
        fieldValidation: 'Strict',
        saveConfig: flags.bool('save-config'),
      }).catch((error: unknown) => {
        const { failing } = options
        if (failing === undefined || !(error instanceof KubeStatusError)) throw error
        throw new KubectlError(`failed to create ${failing}: ${error.status.message ?? ''}`)
      })
      report(created, 'created')
      return 0
    },
  }
}

function isStringMap(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null
}

function without(fields: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _dropped, ...others } = fields
  return others
}

const namespaceGenerator = generator({
  name: 'namespace',
  aliases: ['ns'],
  summary: 'Create a namespace with the specified name',
  usage: 'kubectl create namespace NAME [--dry-run=server|client|none]',
  namespaced: false,
  flags: [],
  generate: () => ({ kind: 'Namespace', spec: {}, status: {} }),
})

const deploymentGenerator = generator({
  name: 'deployment',
  aliases: ['deploy'],
  summary: 'Create a deployment with the specified name',
  usage: 'kubectl create deployment NAME --image=image -- [COMMAND] [args...]',
  namespaced: true,
  failing: 'deployment',
  flags: [
    { name: 'image', type: 'slice' },
    { name: 'port', type: 'int', default: '-1' },
    { name: 'replicas', short: 'r', type: 'int', default: '1' },
  ],
  generate({ name, args, flags }) {
    const images = flags.list('image')
    if (images.length === 0) throw new KubectlError('required flag(s) "image" not set')
    if (images.length > 1 && args.length > 0) {
      throw new KubectlError('cannot specify multiple --image options and command')
    }
    const labels = { app: name }
    const port = flags.int('port')
    const containers = images.map((image) => ({
      name: containerName(image),
      image,
      ...(args.length === 0 ? {} : { command: args }),
      ...(port < 0 ? {} : { ports: [{ containerPort: port }] }),
      resources: {},
    }))
    return {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      labels,
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        template: { metadata: { ...NO_TIME, labels }, spec: { containers } },
        strategy: {},
      },
      status: {},
    }
  },
})

/** A container is named after the last part of its image. */
function containerName(image: string): string {
  const last = image.split('/').at(-1) ?? image
  const plain = (last.split('@')[0] ?? last).split(':')[0] ?? last
  return plain.replace(/[^a-zA-Z0-9-]/g, '-').toLowerCase()
}

const configMapGenerator = generator({
  name: 'configmap',
  failing: 'configmap',
  aliases: ['cm'],
  summary: 'Create a config map from a local file, directory or literal value',
  usage:
    'kubectl create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  namespaced: true,
  flags: [
    { name: 'append-hash', type: 'bool', refused: 'Choose the name yourself.' },
    { name: 'from-env-file', type: 'slice', refused: 'Use --from-literal or --from-file.' },
    { name: 'from-file', type: 'slice' },
    { name: 'from-literal', type: 'array' },
  ],
  async generate({ flags, context }) {
    const data: Record<string, string> = {}
    const add = (key: string, value: string) => {
      if (key in data) {
        throw new KubectlError(
          `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify('')}`,
        )
      }
      data[key] = value
    }
    for (const literal of flags.list('from-literal')) {
      const equals = literal.indexOf('=')
      if (equals < 1) {
        throw new KubectlError(`invalid literal source ${literal}, expected key=value`)
      }
      add(literal.slice(0, equals), literal.slice(equals + 1))
    }
    for (const source of flags.list('from-file')) {
      const equals = source.indexOf('=')
      const path = equals === -1 ? source : source.slice(equals + 1)
      const key = equals === -1 ? (path.split('/').at(-1) ?? path) : source.slice(0, equals)
      const text = await context.folder.read(path)
      if (text === undefined) {
        throw new KubectlError(`error reading ${path}: no such file or directory`)
      }
      add(key, text)
    }
    const empty = Object.keys(data).length === 0
    return { ...(empty ? {} : { data: sortRecord(data) }), kind: 'ConfigMap' }
  },
})

function serviceGenerator(type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'): KubectlCommand {
  const word = type.toLowerCase()
  return generator({
    name: `service ${word}`,
    aliases: [`svc ${word}`],
    failing: `${type} service`,
    summary: `Create a ${type} service with the specified name`,
    usage: `kubectl create service ${word} NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]`,
    namespaced: true,
    flags: [
      { name: 'tcp', type: 'slice' },
      ...(type === 'NodePort' ? ([{ name: 'node-port', type: 'int' }] as const) : []),
      ...(type === 'ClusterIP' ? ([{ name: 'clusterip', type: 'string' }] as const) : []),
    ],
    generate({ name, flags }) {
      const tcp = flags.list('tcp')
      const headless = flags.string('clusterip') === 'None'
      if (tcp.length === 0 && !headless) {
        throw new KubectlError('at least one tcp port specifier must be provided')
      }
      const clusterIp = flags.string('clusterip')
      return {
        kind: 'Service',
        labels: { app: name },
        spec: {
          ...(tcp.length === 0
            ? {}
            : { ports: tcp.map((text) => portOf(text, flags.int('node-port'))) }),
          selector: { app: name },
          ...(clusterIp === '' ? {} : { clusterIP: clusterIp }),
          type,
        },
        status: { loadBalancer: {} },
      }
    },
  })
}

/** `80:8080`, `80:http`, `80`. */
function portOf(text: string, nodePort: number): Record<string, unknown> {
  const [first = '', second] = text.split(':')
  const port = Number(first)
  if (!/^\d+$/.test(first) || port < 1 || port > 65_535) {
    throw new KubectlError(`invalid port: ${text}`)
  }
  const target = second === undefined || second === '' ? first : second
  const number = /^\d+$/.test(target)
  const name = number && target === first ? first : `${first}-${target}`
  return {
    name,
    protocol: 'TCP',
    port,
    targetPort: number ? Number(target) : target,
    ...(nodePort > 0 ? { nodePort } : {}),
  }
}

/** `kubectl create namespace`, `deployment`, `configmap`, `service …`. */
export const CREATE_GENERATORS: readonly KubectlCommand[] = [
  configMapGenerator,
  deploymentGenerator,
  namespaceGenerator,
  serviceGenerator('ClusterIP'),
  serviceGenerator('NodePort'),
  serviceGenerator('LoadBalancer'),
]
