import type { AnyKubeObject } from '../../../kube/objects.ts'
import { KubectlError } from '../kubectl-error.ts'

/** What `kubectl run` puts into a pod. */
export interface PodTemplate {
  readonly name: string
  readonly namespace?: string | undefined
  readonly image: string
  readonly imagePullPolicy: string
  readonly labels: string
  readonly annotations: readonly string[]
  readonly env: readonly string[]
  readonly port: string
  readonly restart: string
  readonly args: readonly string[]
  readonly argsAreCommand: boolean
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly privileged: boolean
}

/**
 * The pod of `kubectl run`, fields in the order of kubectl's own types (`generate/versioned/run.go`, BasicPod).
 *
 * @throws KubectlError for labels, ports or variables that cannot be read
 */
export function generatePod(template: PodTemplate): AnyKubeObject {
  const labels = template.labels === '' ? { run: template.name } : parseLabels(template.labels)
  const annotations = parsePairs(template.annotations, 'annotation')
  const env = template.env.map(parseEnv)
  const port = template.port === '' ? undefined : parsePort(template.port)
  const { args } = template
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: template.name,
      ...(template.namespace === undefined ? {} : { namespace: template.namespace }),
      ...NO_TIME,
      labels,
      ...(template.annotations.length === 0 ? {} : { annotations }),
    },
    spec: {
      containers: [
        {
          name: template.name,
          image: template.image,
          ...(args.length === 0 ? {} : template.argsAreCommand ? { command: args } : { args }),
          ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
          ...(env.length === 0 ? {} : { env }),
          resources: {},
          ...(template.imagePullPolicy === '' ? {} : { imagePullPolicy: template.imagePullPolicy }),
          ...(template.privileged ? { securityContext: { privileged: true } } : {}),
          ...(template.stdin ? { stdin: true } : {}),
          ...(template.stdin && template.stdinOnce ? { stdinOnce: true } : {}),
          ...(template.tty ? { tty: true } : {}),
        },
      ],
      restartPolicy: template.restart,
      dnsPolicy: 'ClusterFirst',
    },
    status: {},
  }
}

/** kubectl prints the zero time of objects that it made itself. */
export const NO_TIME: object = { creationTimestamp: null }

/** `a=1,b=2`. @throws KubectlError */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const pair of text.split(',')) {
    const parts = pair.split('=')
    const [key = '', value = ''] = parts
    if (parts.length !== 2 || key === '') {
      throw new KubectlError(`unexpected label spec: ${pair}`)
    }
    labels[key] = value
  }
  return sortRecord(labels)
}

export function sortRecord(map: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parsePairs(pairs: readonly string[], what: string): Record<string, string> {
  const parsed: Record<string, string> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new KubectlError(`invalid ${what}: ${pair}`)
    parsed[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return sortRecord(parsed)
}

function parseEnv(text: string): { name: string; value?: string } {
  const equals = text.indexOf('=')
  const name = text.slice(0, Math.max(0, equals))
  if (equals < 1 || !/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
    throw new KubectlError(`invalid env: ${text}`)
  }
  const value = text.slice(equals + 1)
  return value === '' ? { name } : { name, value }
}

/** @throws KubectlError with Go's words for what is no number */
export function parsePort(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new KubectlError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}
