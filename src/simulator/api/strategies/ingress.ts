import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { Ingress, IngressBackend, IngressClass } from '../../../kube/stored-objects.ts'
import { parseAddress } from '../../../policy/address.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { immutableErrors } from '../validation/meta.ts'
import {
  dns1035LabelProblems,
  portNameProblems,
  portNumberProblems,
  wildcardSubdomainProblems,
} from '../validation/names.ts'
import type { Strategy } from './strategy.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDS = ['/..', '/.']

/** Ingresses, which are stored and not acted on: models pkg/registry/networking/ingress and ValidateIngress. */
export const ingressStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  initialStatus: () => ({ loadBalancer: {} }),
  validate: (object) => ingressErrors((object as Ingress).spec ?? {}),
}

/** Ingress classes: models ValidateIngressClass. */
export const ingressClassStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  validate: (object) => {
    const { controller = '' } = (object as IngressClass).spec ?? {}
    const at = 'spec.controller'
    if (controller === '') return [fieldError.required(at)]
    const slash = controller.indexOf('/')
    const [domain, path] = [controller.slice(0, slash), controller.slice(slash + 1)]
    if (slash === -1 || domain === '' || path === '') {
      return [
        fieldError.invalid(
          at,
          controller,
          'must be a domain-prefixed path (such as "acme.io/foo")',
        ),
      ]
    }
    return dnsSubdomainProblems(domain).map((problem) => fieldError.invalid(at, domain, problem))
  },
  validateUpdate: (object, previous) =>
    immutableErrors(
      'spec.controller',
      (object as IngressClass).spec?.controller,
      (previous as IngressClass).spec?.controller,
    ),
}

function ingressErrors(spec: NonNullable<Ingress['spec']>): readonly FieldError[] {
  const found: FieldError[] = []
  const rules = spec.rules ?? []
  if (rules.length === 0 && spec.defaultBackend === undefined) {
    found.push(
      fieldError.invalid(
        'spec',
        new GoText('[]networking.IngressRule(nil)'),
        'either `defaultBackend` or `rules` must be specified',
      ),
    )
  }
  if (spec.defaultBackend !== undefined) {
    found.push(...backendErrors(spec.defaultBackend, 'spec.defaultBackend'))
  }
  for (const [index, rule] of rules.entries()) {
    const at = `spec.rules[${index}]`
    if (rule.host !== undefined) found.push(...hostErrors(rule.host, `${at}.host`))
    if (rule.http === undefined) continue
    const paths = rule.http.paths ?? []
    if (paths.length === 0) found.push(fieldError.required(`${at}.http.paths`))
    for (const [place, path] of paths.entries()) {
      found.push(...pathErrors(path, `${at}.http.paths[${place}]`))
    }
  }
  for (const [index, entry] of (spec.tls ?? []).entries()) {
    const at = `spec.tls[${index}]`
    for (const [place, host] of (entry.hosts ?? []).entries()) {
      const problems = host.includes('*')
        ? wildcardSubdomainProblems(host)
        : dnsSubdomainProblems(host)
      for (const problem of problems) {
        found.push(fieldError.invalid(`${at}.hosts[${place}]`, host, problem))
      }
    }
    for (const problem of entry.secretName === undefined
      ? []
      : dnsSubdomainProblems(entry.secretName)) {
      found.push(fieldError.invalid(`${at}.secretName`, entry.secretName, problem))
    }
  }
  if (spec.ingressClassName !== undefined) {
    for (const problem of dnsSubdomainProblems(spec.ingressClassName)) {
      found.push(fieldError.invalid('spec.ingressClassName', spec.ingressClassName, problem))
    }
  }
  return found
}

function hostErrors(host: string, at: string): readonly FieldError[] {
  const problems = host.includes('*') ? wildcardSubdomainProblems(host) : dnsSubdomainProblems(host)
  return [
    ...(parseAddress(host) === undefined
      ? []
      : [fieldError.invalid(at, host, 'must be a DNS name, not an IP address')]),
    ...problems.map((problem) => fieldError.invalid(at, host, problem)),
  ]
}

function pathErrors(
  path: { path?: string; pathType?: string; backend?: IngressBackend },
  at: string,
): readonly FieldError[] {
  const { path: text = '', pathType } = path
  if (pathType === undefined) {
    return [fieldError.required(`${at}.pathType`, 'pathType must be specified')]
  }
  const found: FieldError[] = []
  const place = `${at}.path`
  const absolute = text.startsWith('/')
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!absolute) found.push(fieldError.invalid(place, text, 'must be an absolute path'))
    for (const part of BAD_SEQUENCES.filter((sequence) => text.includes(sequence))) {
      found.push(fieldError.invalid(place, text, `must not contain '${part}'`))
    }
    for (const end of BAD_ENDS.filter((suffix) => text.endsWith(suffix))) {
      found.push(fieldError.invalid(place, text, `cannot end with '${end}'`))
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (text !== '' && !absolute) {
      found.push(fieldError.invalid(place, text, 'must be an absolute path'))
    }
  } else found.push(fieldError.notSupported(`${at}.pathType`, pathType, PATH_TYPES))
  return [...found, ...backendErrors(path.backend ?? {}, `${at}.backend`)]
}

function backendErrors(backend: IngressBackend, at: string): readonly FieldError[] {
  const { service, resource } = backend
  if (service !== undefined && resource !== undefined) {
    return [fieldError.invalid(at, '', 'cannot set both resource and service backends')]
  }
  if (resource !== undefined) {
    return [
      ...((resource.kind ?? '') === ''
        ? [fieldError.required(`${at}.resource.kind`, 'kind is required')]
        : []),
      ...((resource.name ?? '') === ''
        ? [fieldError.required(`${at}.resource.name`, 'name is required')]
        : []),
    ]
  }
  if (service === undefined) {
    return [fieldError.invalid(at, '', 'resource or service backend is required')]
  }
  const found: FieldError[] = []
  const { name = '', port } = service
  if (name === '') found.push(fieldError.required(`${at}.service.name`))
  else {
    for (const problem of dns1035LabelProblems(name)) {
      found.push(fieldError.invalid(`${at}.service.name`, name, problem))
    }
  }
  const named = (port?.name ?? '') !== ''
  const numbered = (port?.number ?? 0) !== 0
  if (named && numbered) {
    found.push(fieldError.invalid(at, '', 'cannot set both port name & port number'))
  } else if (named) {
    for (const problem of portNameProblems(port?.name ?? '')) {
      found.push(fieldError.invalid(`${at}.service.port.name`, port?.name, problem))
    }
  } else if (numbered) {
    for (const problem of portNumberProblems(port?.number ?? 0)) {
      found.push(fieldError.invalid(`${at}.service.port.number`, port?.number, problem))
    }
  } else found.push(fieldError.required(at, 'port name or number is required'))
  return found
}
