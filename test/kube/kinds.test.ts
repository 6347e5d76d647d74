import { describe, expect, it } from 'vitest'
import {
  apiVersionOf,
  groupKind,
  groupResource,
  KINDS,
  kindOf,
  kindOfResource,
  resolveKind,
  resourcePath,
} from '../../src/kube/kinds.ts'

describe('resolving what a person types', () => {
  it.each([
    ['pods', 'Pod'],
    ['pod', 'Pod'],
    ['po', 'Pod'],
    ['Pod', 'Pod'],
    ['svc', 'Service'],
    ['netpol', 'NetworkPolicy'],
    ['NetworkPolicy', 'NetworkPolicy'],
    ['networkpolicies.networking.k8s.io', 'NetworkPolicy'],
    ['deployments.apps', 'Deployment'],
    ['deployments.v1.apps', 'Deployment'],
    ['deploy.apps', 'Deployment'],
    ['ep', 'Endpoints'],
  ])('%s is %s', (typed, kind) => {
    expect(resolveKind(typed)?.kind).toBe(kind)
  })

  it.each(['', 'pd', 'pods.apps', 'deployments.v2.apps', 'deployments.nothing'])(
    '%j is nothing',
    (typed) => {
      expect(resolveKind(typed)).toBeUndefined()
    },
  )
})

describe('the table of kinds', () => {
  it('has each kind, plural and short name once', () => {
    const names = KINDS.flatMap((info) => [info.plural, info.singular, ...info.shortNames])
    // `endpoints` is its own singular.
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual(['endpoints'])
  })

  it('finds kinds by object and by URL', () => {
    expect(kindOf({ apiVersion: 'apps/v1', kind: 'Deployment' })?.plural).toBe('deployments')
    expect(kindOf({ apiVersion: 'v1', kind: 'Deployment' })).toBeUndefined()
    expect(kindOfResource('networking.k8s.io/v1', 'networkpolicies')?.kind).toBe('NetworkPolicy')
  })

  it('names kinds as messages do', () => {
    const policy = resolveKind('netpol')
    const pod = resolveKind('pod')
    if (policy === undefined || pod === undefined) throw new Error('not in the table')
    expect([apiVersionOf(policy), groupResource(policy), groupKind(policy)]).toEqual([
      'networking.k8s.io/v1',
      'networkpolicies.networking.k8s.io',
      'networkpolicy.networking.k8s.io',
    ])
    expect([apiVersionOf(pod), groupResource(pod), groupKind(pod)]).toEqual(['v1', 'pods', 'pod'])
  })
})

describe('paths', () => {
  it.each([
    [{ apiVersion: 'v1', plural: 'pods' }, '/api/v1/pods'],
    [
      { apiVersion: 'v1', plural: 'pods', namespace: 'a', name: 'b', subresource: 'log' },
      '/api/v1/namespaces/a/pods/b/log',
    ],
    [
      { apiVersion: 'apps/v1', plural: 'deployments', namespace: 'a' },
      '/apis/apps/v1/namespaces/a/deployments',
    ],
    [{ apiVersion: 'v1', plural: 'namespaces', name: 'a/../b' }, '/api/v1/namespaces/a%2F..%2Fb'],
  ])('%j', (ref, path) => {
    expect(resourcePath(ref)).toBe(path)
  })
})
