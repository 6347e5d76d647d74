import type { KubectlCommand } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { ingressGenerator } from './create-ingress.ts'
import { cronJobGenerator, jobGenerator } from './create-job.ts'
import { CLUSTER_ROLE_GENERATORS, ROLE_GENERATORS } from './create-rbac.ts'
import { secretGenerator, serviceAccountGenerator } from './create-secret.ts'
import { NO_TIME, sortRecord } from './generate-pod.ts'
import { generator, requireFlags } from './generator.ts'
import { keyedSources, SOURCE_FLAGS } from './keyed-sources.ts'

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
  failing: 'deployment:',
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
      metadata: { labels },
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
  failing: 'configmap:',
  aliases: ['cm'],
  summary: 'Create a config map from a local file, directory or literal value',
  usage:
    'kubectl create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  namespaced: true,
  flags: SOURCE_FLAGS,
  async generate({ name, flags, context }) {
    const data = await keyedSources(context, flags, `ConfigMap ${JSON.stringify(name)}`)
    const empty = Object.keys(data).length === 0
    return { ...(empty ? {} : { data: sortRecord(data) }), kind: 'ConfigMap' }
  },
})

function serviceGenerator(type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'): KubectlCommand {
  const word = type.toLowerCase()
  return generator({
    name: `service ${word}`,
    aliases: [`svc ${word}`],
    failing: `${type} service:`,
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
        metadata: { labels: { app: name } },
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
  if (!/^\d+$/.test(first) || port > 65_535) {
    const why = /^\d+$/.test(first) ? 'value out of range' : 'invalid syntax'
    throw new KubectlError(`strconv.ParseUint: parsing ${JSON.stringify(first)}: ${why}`)
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

const externalNameGenerator = generator({
  name: 'service externalname',
  aliases: ['svc externalname'],
  failing: 'ExternalName service:',
  summary: 'Create an ExternalName service',
  usage:
    'kubectl create service externalname NAME --external-name external.name [--dry-run=server|client|none]',
  namespaced: true,
  flags: [
    { name: 'external-name', type: 'string' },
    { name: 'tcp', type: 'slice' },
  ],
  generate({ name, flags }) {
    requireFlags(flags, ['external-name'])
    const tcp = flags.list('tcp')
    return {
      kind: 'Service',
      metadata: { labels: { app: name } },
      spec: {
        ...(tcp.length === 0 ? {} : { ports: tcp.map((text) => portOf(text, 0)) }),
        selector: { app: name },
        type: 'ExternalName',
        externalName: flags.string('external-name'),
      },
      status: { loadBalancer: {} },
    }
  },
})

const quotaGenerator = generator({
  name: 'quota',
  aliases: ['resourcequota'],
  failing: 'quota:',
  summary: 'Create a quota with the specified name',
  usage: 'kubectl create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]',
  namespaced: true,
  flags: [
    { name: 'hard', type: 'string' },
    { name: 'scopes', type: 'string' },
  ],
  generate({ flags }) {
    const hard = flags.string('hard')
    const scopes = flags.string('scopes')
    const pairs = (hard === '' ? [] : hard.split(',')).map((pair): [string, string] => {
      const parts = pair.split('=')
      const [key = '', value = ''] = parts
      if (parts.length !== 2) {
        throw new KubectlError(`Invalid argument syntax ${pair}, expected <resource>=<value>`)
      }
      return [key, value]
    })
    return {
      kind: 'ResourceQuota',
      spec: {
        ...(pairs.length === 0 ? {} : { hard: sortRecord(Object.fromEntries(pairs)) }),
        ...(scopes === '' ? {} : { scopes: scopes.split(',') }),
      },
      status: {},
    }
  },
})

/** Every `kubectl create KIND NAME`, in the order of kubectl's help. */
export const CREATE_GENERATORS: readonly KubectlCommand[] = [
  ...CLUSTER_ROLE_GENERATORS,
  configMapGenerator,
  cronJobGenerator,
  deploymentGenerator,
  ingressGenerator,
  jobGenerator,
  namespaceGenerator,
  quotaGenerator,
  ...ROLE_GENERATORS,
  secretGenerator,
  serviceGenerator('ClusterIP'),
  externalNameGenerator,
  serviceGenerator('NodePort'),
  serviceGenerator('LoadBalancer'),
  serviceAccountGenerator,
]
