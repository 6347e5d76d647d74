import { describe, expect, it } from 'vitest'
import type { Pod, PodPhase } from '../../src/kube/objects.ts'
import { matrix } from '../../src/policy/matrix.ts'
import { toPolicyState } from '../../src/policy/policy-state.ts'
import { egressWorld, policy, withPolicies } from './worlds.ts'

function kubePod(name: string, phase: PodPhase, podIP?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'c', image: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }],
      initContainers: [
        { name: 'sidecar', image: 'x', restartPolicy: 'Always', ports: [{ containerPort: 9000 }] },
        { name: 'setup', image: 'x', ports: [{ containerPort: 1 }] },
      ],
    },
    status: { phase, ...(podIP === undefined ? {} : { podIP }) },
  }
}

describe('the policy view of a cluster', () => {
  it('puts running pods first and leaves out pods without an address', () => {
    const { pods } = toPolicyState({
      namespaces: [],
      policies: [],
      pods: [
        kubePod('over', 'Succeeded', '10.244.0.5'),
        kubePod('waiting', 'Pending'),
        kubePod('here', 'Running', '10.244.0.5'),
      ],
    })
    expect(pods.map(({ name, ips }) => [name, ips])).toEqual([
      ['here', ['10.244.0.5']],
      ['over', ['10.244.0.5']],
    ])
  })

  it('has each address of a pod once, of both families', () => {
    const dual = kubePod('dual', 'Running', '10.244.0.5')
    const podIPs = [{ ip: '10.244.0.5' }, { ip: 'fd00::5' }]
    const { pods } = toPolicyState({
      namespaces: [],
      policies: [],
      pods: [{ ...dual, status: { phase: 'Running', podIP: '10.244.0.5', podIPs } }],
    })
    expect(pods[0]?.ips).toEqual(['10.244.0.5', 'fd00::5'])
  })

  it('has the ports of containers and of sidecars, with their protocol', () => {
    const { pods } = toPolicyState({
      namespaces: [],
      policies: [],
      pods: [kubePod('here', 'Running', '10.244.0.5')],
    })
    expect(pods[0]?.ports).toEqual([
      { name: 'http', port: 80, protocol: 'TCP' },
      { port: 9000, protocol: 'TCP' },
    ])
  })

  it('gives every namespace its name as a label, and nodes their addresses', () => {
    const { namespaces, nodes } = toPolicyState({
      namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
      policies: [],
      pods: [],
      nodes: [
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'node-1' },
          status: {
            addresses: [
              { type: 'InternalIP', address: '172.18.0.2' },
              { type: 'ExternalIP', address: '198.51.100.2' },
              { type: 'Hostname', address: 'node-1' },
            ],
          },
        },
      ],
    })
    expect(namespaces[0]?.labels).toEqual({ 'kubernetes.io/metadata.name': 'shop' })
    expect(nodes).toEqual([{ name: 'node-1', addresses: ['172.18.0.2', '198.51.100.2'] }])
  })
})

describe('the matrix', () => {
  it('has a row for each pod and no answer for a pod to itself', () => {
    const closed = policy('p', {
      podSelector: { matchLabels: { app: 'foo' } },
      policyTypes: ['Egress'],
    })
    const target = {
      to: { kind: 'pod', namespace: 'default', name: 'web' },
      protocol: 'TCP',
      port: 80,
    } as const
    const rows = matrix(withPolicies(egressWorld, closed), [target])
    const marks = rows.map(({ from, cells }) => [
      from.kind === 'pod' ? from.name : '',
      cells[0]?.allowed,
    ])
    expect(marks.slice(0, 3)).toEqual([
      ['web', undefined],
      ['test', false],
      ['bar', true],
    ])
  })
})
