import { record, records, strings, text } from '../values.ts'
import { DescribeWriter, writeAnnotations, writeLabels } from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe role`, `clusterrole` (`describeRole`). */
export const describeRole: Describer = async (_context, role) => {
  const w = new DescribeWriter()
  w.write(0, `Name:\t${role.metadata.name}\n`)
  writeLabels(w, 'Labels', role.metadata.labels)
  writeAnnotations(w, 'Annotations', role.metadata.annotations)
  w.write(0, 'PolicyRule:\n')
  w.write(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n')
  w.write(1, '---------\t-----------------\t--------------\t-----\n')
  for (const rule of singleRules(records(role.rules))) {
    w.write(
      1,
      `${rule.resource}\t${goList(rule.urls)}\t${goList(rule.names)}\t${goList(rule.verbs)}\n`,
    )
  }
  return w.finish()
}

interface SingleRule {
  readonly resource: string
  readonly urls: readonly string[]
  readonly names: readonly string[]
  readonly verbs: readonly string[]
}

/** One rule for each resource or address; rules about the same one are joined (`rbac.CompactRules` after `BreakdownRule`). */
function singleRules(rules: readonly Record<string, unknown>[]): readonly SingleRule[] {
  const found = new Map<string, SingleRule & { readonly order: string }>()
  const add = (key: string, order: string, rule: SingleRule) => {
    const known = found.get(key)
    const verbs = [
      ...(known?.verbs ?? []),
      ...rule.verbs.filter((one) => !known?.verbs.includes(one)),
    ]
    found.set(key, { ...rule, verbs, order })
  }
  for (const rule of rules) {
    const verbs = strings(rule.verbs)
    const named = strings(rule.resourceNames)
    for (const group of strings(rule.apiGroups)) {
      for (const resource of strings(rule.resources)) {
        for (const name of named.length === 0 ? [undefined] : named) {
          const names = name === undefined ? [] : [name]
          const [first = '', sub] = resource.split('/')
          const whole =
            first + (group === '' ? '' : `.${group}`) + (sub === undefined ? '' : `/${sub}`)
          const key = `r ${group} ${resource} ${names.join()}`
          add(key, `[${group}],[${resource}],[${names.join()}]`, {
            resource: whole,
            urls: [],
            names,
            verbs,
          })
        }
      }
    }
    for (const url of strings(rule.nonResourceURLs)) {
      add(`u ${url}`, `[],[],[],[${url}]`, { resource: '', urls: [url], names: [], verbs })
    }
  }
  // As Go prints a rule: its verbs first.
  const key = (rule: SingleRule & { readonly order: string }) =>
    `${goList(rule.verbs)},${rule.order}`
  return [...found.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function goList(values: readonly string[]): string {
  return `[${values.join(' ')}]`
}

/** `kubectl describe rolebinding`, `clusterrolebinding` (`describeRoleBinding`). */
export const describeRoleBinding: Describer = async (_context, binding) => {
  const role = record(binding.roleRef)
  const w = new DescribeWriter()
  w.write(0, `Name:\t${binding.metadata.name}\n`)
  writeLabels(w, 'Labels', binding.metadata.labels)
  writeAnnotations(w, 'Annotations', binding.metadata.annotations)
  w.write(0, 'Role:\n')
  w.write(1, `Kind:\t${text(role.kind)}\n`)
  w.write(1, `Name:\t${text(role.name)}\n`)
  w.write(0, 'Subjects:\n')
  w.write(1, 'Kind\tName\tNamespace\n')
  w.write(1, '----\t----\t---------\n')
  for (const subject of records(binding.subjects)) {
    w.write(1, `${text(subject.kind)}\t${text(subject.name)}\t${text(subject.namespace)}\n`)
  }
  return w.finish()
}
