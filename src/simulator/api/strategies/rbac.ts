import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from '../../../kube/stored-objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { pathSegmentProblems } from '../validation/names.ts'
import { selectorErrors } from '../validation/selector.ts'
import type { Strategy } from './strategy.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** Models pkg/apis/rbac/validation. */
export const roleStrategy: Strategy = {
  nameRule: 'path',
  defaults: withRules,
  validate: (object) => rulesErrors((object as Role).rules, true),
}

export const clusterRoleStrategy: Strategy = {
  nameRule: 'path',
  defaults: withRules,
  validate: (object) => {
    const { rules, aggregationRule } = object as ClusterRole
    const at = 'aggregationRule.clusterRoleSelectors'
    const selectors = aggregationRule?.clusterRoleSelectors ?? []
    return [
      ...rulesErrors(rules, false),
      ...(aggregationRule !== undefined && selectors.length === 0
        ? [
            fieldError.required(
              at,
              'at least one clusterRoleSelector required if aggregationRule is non-nil',
            ),
          ]
        : []),
      ...selectors.flatMap((selector, index) => selectorErrors(selector, `${at}[${index}]`)),
    ]
  },
}

/** Go has no `omitempty` here: a role without rules says `null`. */
function withRules(object: KubeObject): KubeObject {
  return 'rules' in object && object.rules !== undefined
    ? object
    : Object.assign({}, object, { rules: null })
}

export const roleBindingStrategy: Strategy = bindingStrategy(true)
export const clusterRoleBindingStrategy: Strategy = bindingStrategy(false)

type AnyBinding = RoleBinding | ClusterRoleBinding

function bindingStrategy(namespaced: boolean): Strategy {
  return {
    nameRule: 'path',
    defaults: (object) => withGroups(object as AnyBinding),
    validate: (object) => bindingErrors(object as AnyBinding, namespaced),
    validateUpdate: (object, previous) => {
      const { roleRef } = object as AnyBinding
      if (sameJson(roleRef, (previous as AnyBinding).roleRef)) return []
      const { apiGroup = '', kind = '', name = '' } = roleRef ?? {}
      const shown = `rbac.RoleRef{APIGroup:${JSON.stringify(apiGroup)}, Kind:${JSON.stringify(kind)}, Name:${JSON.stringify(name)}}`
      return [fieldError.invalid('roleRef', new GoText(shown), 'cannot change roleRef')]
    },
  }
}

function withGroups(binding: AnyBinding): AnyBinding {
  const { roleRef, subjects } = binding
  return {
    ...binding,
    roleRef: { apiGroup: GROUP, ...roleRef },
    ...(subjects === undefined
      ? {}
      : {
          subjects: subjects.map((subject) =>
            subject.kind === 'User' || subject.kind === 'Group'
              ? { apiGroup: GROUP, ...subject }
              : subject,
          ),
        }),
  }
}

function rulesErrors(
  rules: readonly PolicyRule[] | undefined,
  namespaced: boolean,
): readonly FieldError[] {
  return (rules ?? []).flatMap((rule, index) => ruleErrors(rule, namespaced, `rules[${index}]`))
}

function ruleErrors(rule: PolicyRule, namespaced: boolean, at: string): readonly FieldError[] {
  const count = (list: readonly string[] | undefined) => (list ?? []).length
  const found: FieldError[] = []
  if (count(rule.verbs) === 0) {
    found.push(fieldError.required(`${at}.verbs`, 'verbs must contain at least one value'))
  }
  if (count(rule.nonResourceURLs) > 0) {
    const place = `${at}.nonResourceURLs`
    if (namespaced) {
      found.push(
        fieldError.invalid(
          place,
          rule.nonResourceURLs,
          'namespaced rules cannot apply to non-resource URLs',
        ),
      )
    }
    if (count(rule.apiGroups) + count(rule.resources) + count(rule.resourceNames) > 0) {
      found.push(
        fieldError.invalid(
          place,
          rule.nonResourceURLs,
          'rules cannot apply to both regular resources and non-resource URLs',
        ),
      )
    }
    return found
  }
  if (count(rule.apiGroups) === 0) {
    found.push(
      fieldError.required(`${at}.apiGroups`, 'resource rules must supply at least one api group'),
    )
  }
  if (count(rule.resources) === 0) {
    found.push(
      fieldError.required(`${at}.resources`, 'resource rules must supply at least one resource'),
    )
  }
  return found
}

function bindingErrors(binding: AnyBinding, namespaced: boolean): readonly FieldError[] {
  const { apiGroup, kind = '', name = '' } = binding.roleRef ?? {}
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const found: FieldError[] = []
  if (apiGroup !== GROUP) {
    found.push(fieldError.notSupported('roleRef.apiGroup', apiGroup, [GROUP]))
  }
  if (!kinds.includes(kind)) found.push(fieldError.notSupported('roleRef.kind', kind, kinds))
  if (name === '') found.push(fieldError.required('roleRef.name'))
  else {
    for (const problem of pathSegmentProblems(name)) {
      found.push(fieldError.invalid('roleRef.name', name, problem))
    }
  }
  return [
    ...found,
    ...(binding.subjects ?? []).flatMap((subject, index) =>
      subjectErrors(subject, namespaced, `subjects[${index}]`),
    ),
  ]
}

function subjectErrors(
  subject: RbacSubject,
  namespaced: boolean,
  at: string,
): readonly FieldError[] {
  const { name = '', kind = '', apiGroup = '' } = subject
  const found: FieldError[] = []
  if (name === '') found.push(fieldError.required(`${at}.name`))
  switch (kind) {
    case 'ServiceAccount':
      for (const problem of name === '' ? [] : dnsSubdomainProblems(name)) {
        found.push(fieldError.invalid(`${at}.name`, name, problem))
      }
      if (apiGroup !== '') found.push(fieldError.notSupported(`${at}.apiGroup`, apiGroup, ['']))
      if (!namespaced && (subject.namespace ?? '') === '') {
        found.push(fieldError.required(`${at}.namespace`))
      }
      break
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) {
        found.push(fieldError.notSupported(`${at}.apiGroup`, apiGroup, [GROUP]))
      }
      break
    default:
      found.push(fieldError.notSupported(`${at}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
  return found
}
