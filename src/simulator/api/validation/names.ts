import { maxLengthProblem, regexProblem } from '../../../kube/label-validation.ts'
import { parseAddress } from '../../../policy/address.ts'

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const DNS_LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const DNS_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"

/** `IsDNS1123Label`: names of namespaces and containers. */
export function dnsLabelProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 63) problems.push(maxLengthProblem(63))
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)) {
    problems.push(regexProblem(DNS_LABEL_RULE, DNS_LABEL, 'my-name', '123-abc'))
  }
  return problems
}

/** `IsDNS1035Label`: names of services. */
export function dns1035LabelProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 63) problems.push(maxLengthProblem(63))
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(value)) {
    problems.push(regexProblem(DNS_1035_RULE, DNS_1035, 'my-name', 'abc-123'))
  }
  return problems
}

/** `IsValidPathSegmentName`: names of roles and their bindings. */
export function pathSegmentProblems(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%']
    .filter((sign) => value.includes(sign))
    .map((sign) => `may not contain '${sign}'`)
}

/** `IsWildcardDNS1123Subdomain`: `*.example.com`. */
export function wildcardSubdomainProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 253) problems.push(maxLengthProblem(253))
  if (!/^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)) {
    problems.push(
      regexProblem(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        String.raw`\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`,
        '*.example.com',
      ),
    )
  }
  return problems
}

/** `IsValidPortName`. */
export function portNameProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 15) problems.push(maxLengthProblem(15))
  if (!/^[-a-z0-9]+$/.test(value)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)')
  if (value.includes('--')) problems.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) {
    problems.push('must not begin or end with a hyphen')
  }
  return problems
}

/** `IsValidPortNum`. */
export function portNumberProblems(value: number): readonly string[] {
  return value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** `IsRelaxedEnvVarName`, in force since Kubernetes 1.32. */
export function envNameProblems(value: string): readonly string[] {
  return /^[ -<>-~]*$/.test(value)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ]
}

/** `IsConfigMapKey`. */
export function configKeyProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 253) problems.push(maxLengthProblem(253))
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    problems.push(
      regexProblem(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (value === '.' || value === '..') problems.push(`must not be '${value}'`)
  return problems
}

/** `IsValidIP`. */
export function addressProblems(value: string): readonly string[] {
  return parseAddress(value) === undefined
    ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
    : []
}
