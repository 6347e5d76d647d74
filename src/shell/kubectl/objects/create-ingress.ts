import { KubectlError } from '../kubectl-error.ts'
import { sortRecord } from './generate-pod.ts'
import { generator } from './generator.ts'

/** `kubectl create ingress` (`kubectl/pkg/cmd/create/create_ingress.go`). */
export const ingressGenerator = generator({
  name: 'ingress',
  aliases: ['ing'],
  failing: 'ingress:',
  summary: 'Create an ingress with the specified name',
  usage: 'kubectl create ingress NAME --rule=host/path=service:port[,tls[=secret]]',
  namespaced: true,
  flags: [
    { name: 'annotation', type: 'array' },
    { name: 'class', type: 'string' },
    { name: 'default-backend', type: 'string' },
    { name: 'rule', type: 'array' },
  ],
  generate({ flags }) {
    const rules = flags.list('rule').map(parseRule)
    const byDefault = flags.string('default-backend')
    if (rules.length === 0 && byDefault === '') {
      throw new KubectlError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      )
    }
    const annotations = flags.list('annotation').map((pair): [string, string] => {
      const equals = pair.indexOf('=')
      if (equals < 1) {
        throw new KubectlError(`annotation ${pair} is invalid and should be in format key=[value]`)
      }
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    })
    const ingressClass = flags.string('class')
    const tls = tlsOf(rules)
    return {
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      ...(annotations.length === 0
        ? {}
        : { metadata: { annotations: sortRecord(Object.fromEntries(annotations)) } }),
      spec: {
        ...(ingressClass === '' ? {} : { ingressClassName: ingressClass }),
        ...(byDefault === '' ? {} : { defaultBackend: defaultBackendOf(byDefault) }),
        ...(tls.length === 0 ? {} : { tls }),
        ...(rules.length === 0 ? {} : { rules: rulesByHost(rules) }),
      },
      status: { loadBalancer: {} },
    }
  },
})

interface IngressRule {
  readonly host: string
  readonly path: string
  readonly service: string
  readonly port: string
  /** Name of the secret, empty for none; absent without `,tls`. */
  readonly tls: string | undefined
}

const RULE = /^([\w*.-]*)(\/[^=]*)=([\w-]+):([\w-]+)(?:,(tls)(?:=([\w-]+))?)?$/

/** `shop.example.com/path*=web:80,tls=secret`. @throws KubectlError */
function parseRule(rule: string): IngressRule {
  const match = RULE.exec(rule)
  if (match === null) {
    throw new KubectlError(
      `rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    )
  }
  const [, host = '', path = '', service = '', port = '', tls, secret = ''] = match
  return { host, path, service, port, tls: tls === undefined ? undefined : secret }
}

function backendOf(service: string, port: string) {
  const number = /^\d+$/.test(port)
  return { service: { name: service, port: number ? { number: Number(port) } : { name: port } } }
}

function defaultBackendOf(text: string) {
  const [service = '', port = '', more] = text.split(':')
  if (service === '' || port === '' || more !== undefined) {
    throw new KubectlError('default-backend should be in format servicename:serviceport')
  }
  return backendOf(service, port)
}

/** A path that ends in `*` means all that begin so. */
function rulesByHost(rules: readonly IngressRule[]) {
  const hosts = [...new Set(rules.map((rule) => rule.host))]
  return hosts.map((host) => ({
    ...(host === '' ? {} : { host }),
    http: {
      paths: rules
        .filter((rule) => rule.host === host)
        .map(({ path, service, port }) => ({
          path: path.replace(/\*$/, ''),
          pathType: path.endsWith('*') ? 'Prefix' : 'Exact',
          backend: backendOf(service, port),
        })),
    },
  }))
}

function tlsOf(rules: readonly IngressRule[]) {
  const seen = new Set<string>()
  return rules.flatMap(({ host, tls }) => {
    if (tls === undefined || seen.has(host)) return []
    seen.add(host)
    return [{ hosts: [host], ...(tls === '' ? {} : { secretName: tls }) }]
  })
}
