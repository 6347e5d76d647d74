// Writes src/simulator/seed/rbac-policy.ts: the roles and bindings that every API server makes when it starts.
//
// Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata of k8s.io/kubernetes (Apache-2.0), where Kubernetes keeps them as objects to hold
// its own code to. Fetched by `go mod download` from the Go module proxy.
//
// Run: node scripts/rbac-policy/generate.mjs && npx biome check --write src/simulator/seed
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const RELEASE = '1.32.2'
const module = JSON.parse(
  execFileSync('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${RELEASE}`]),
)
const folder = join(module.Dir, 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata')
const itemsOf = (file) => parse(readFileSync(join(folder, file), 'utf8')).items

const AGGREGATES = 'rbac.authorization.k8s.io/aggregate-to-'
const LABEL = 'kubernetes.io/bootstrapping'

/** verbs;groups;resources;names;paths, each a list with commas. What is at the end and empty is left out. */
function ruleText(rule) {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule
  const parts = [verbs, apiGroups, resources, resourceNames, nonResourceURLs]
  return parts
    .map((list) => (list ?? []).join(','))
    .join(';')
    .replace(/;+$/, '')
}

function roleOf({ metadata, rules, aggregationRule }) {
  const into = Object.keys(metadata.labels)
    .filter((label) => label !== LABEL)
    .map((label) => label.slice(AGGREGATES.length))
  const from = (aggregationRule?.clusterRoleSelectors ?? []).map((selector) =>
    Object.keys(selector.matchLabels)[0].slice(AGGREGATES.length),
  )
  return {
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
    ...(into.length === 0 ? {} : { into: into[0] }),
    ...(from.length === 0 ? {} : { from: from[0] }),
    rules: (rules ?? []).map(ruleText),
  }
}

function bindingOf({ metadata, roleRef, subjects }) {
  return {
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
    ...(roleRef.name === metadata.name ? {} : { role: roleRef.name }),
    subjects: (subjects ?? []).map(({ kind, name, namespace }) =>
      namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
    ),
  }
}

const list = (name, type, items) =>
  `export const ${name}: readonly ${type}[] = ${JSON.stringify(items, null, 2)}\n`

writeFileSync(
  fileURLToPath(new URL('../../src/simulator/seed/rbac-policy.ts', import.meta.url)),
  [
    `/*
 * Written by scripts/rbac-policy/generate.mjs from Kubernetes ${RELEASE}; do not edit. Copyright The Kubernetes Authors,
 * Apache-2.0.
 */
import type { BootstrapBinding, BootstrapRole } from './rbac-objects.ts'
`,
    list(
      'CLUSTER_ROLES',
      'BootstrapRole',
      [...itemsOf('cluster-roles.yaml'), ...itemsOf('controller-roles.yaml')].map(roleOf),
    ),
    list(
      'CLUSTER_ROLE_BINDINGS',
      'BootstrapBinding',
      [...itemsOf('cluster-role-bindings.yaml'), ...itemsOf('controller-role-bindings.yaml')].map(
        bindingOf,
      ),
    ),
    list('ROLES', 'BootstrapRole', itemsOf('namespace-roles.yaml').map(roleOf)),
    list(
      'ROLE_BINDINGS',
      'BootstrapBinding',
      itemsOf('namespace-role-bindings.yaml').map(bindingOf),
    ),
  ].join('\n'),
)
