/**
 * Syntax of names, label keys and label values, in the words of k8s.io/apimachinery `util/validation`.
 * Each function returns every problem of the value, in order; none means that it is valid.
 */
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${QUALIFIED_NAME})?`
const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`

const QUALIFIED_NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const DNS_SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

/** `RegexError` of apimachinery, its odd double blanks included. */
export function regexProblem(rule: string, format: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${format}')`
  const given = examples.map((example) => `'${example}', `).join(' or ')
  return `${rule} (e.g. ${given}regex used for validation is '${format}')`
}

export function maxLengthProblem(length: number): string {
  return `must be no more than ${length} characters`
}

/** `IsDNS1123Subdomain`: names of most objects, and prefixes of label keys. */
export function dnsSubdomainProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 253) problems.push(maxLengthProblem(253))
  if (!fullMatch(DNS_SUBDOMAIN, value)) {
    problems.push(regexProblem(DNS_SUBDOMAIN_RULE, DNS_SUBDOMAIN, 'example.com'))
  }
  return problems
}

/** `IsQualifiedName`: a label key, `[prefix/]name`. */
export function labelKeyProblems(key: string): readonly string[] {
  const parts = key.split('/')
  const problems: string[] = []
  const nameRule = regexProblem(QUALIFIED_NAME_RULE, QUALIFIED_NAME, 'MyName', 'my.name', '123-abc')
  if (parts.length > 2) {
    return [
      `a qualified name ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  if (prefix === '') problems.push('prefix part must be non-empty')
  else if (prefix !== undefined) {
    problems.push(...dnsSubdomainProblems(prefix).map((problem) => `prefix part ${problem}`))
  }
  if (name === '') problems.push('name part must be non-empty')
  else if (name.length > 63) problems.push(`name part ${maxLengthProblem(63)}`)
  if (!fullMatch(QUALIFIED_NAME, name)) problems.push(`name part ${nameRule}`)
  return problems
}

/** `IsValidLabelValue`. The empty string is a valid value. */
export function labelValueProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 63) problems.push(maxLengthProblem(63))
  if (!fullMatch(LABEL_VALUE, value)) {
    problems.push(regexProblem(LABEL_VALUE_RULE, LABEL_VALUE, 'MyValue', 'my_value', '12345'))
  }
  return problems
}

function fullMatch(format: string, value: string): boolean {
  return new RegExp(`^(?:${format})$`).test(value)
}
