import { describe, expect, test } from 'vitest'
import { runCanary } from '../../src/cluster/canary.ts'
import type { OpeningAction } from '../../src/cluster/provider.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { type Behaviour, createCanaryCluster } from './support/canary-cluster.ts'

function canary(behaviour: Behaviour, signal = new AbortController().signal) {
  const actions: OpeningAction[] = []
  const { client, objects } = createCanaryCluster(behaviour)
  const result = runCanary(client, {
    signal,
    clock: createFastClock(),
    onAction: (action) => actions.push(action),
  })
  return { result, actions, objects }
}

describe('the canary', () => {
  test('proves both directions, tells each as a line of its own, and leaves nothing', async () => {
    const { result, actions, objects } = canary({})
    expect(await result).toMatchObject({ ingress: 'timeout', egress: 'timeout' })
    expect(actions.filter(({ state }) => state === 'waiting')).toHaveLength(3)
    const done = actions.filter(({ state }) => state === 'done')
    expect(done.sort((a, b) => a.title.localeCompare(b.title))).toMatchObject([
      { title: 'enforcement test, three pods' },
      { title: 'enforcement test, traffic that enters', detail: 'a denied connection times out' },
      { title: 'enforcement test, traffic that leaves', detail: 'a denied connection times out' },
    ])
    expect([...objects.keys()]).toEqual([])
  })

  test('tests both directions at the same time, on connections that the other policy leaves alone', async () => {
    const together: number[] = []
    const { result, objects } = canary({
      onExec: () => {
        const keys = [...objects.keys()]
        together.push(keys.filter((key) => key.startsWith('networkpolicies/')).length)
      },
    })
    expect(await result).toMatchObject({ ingress: 'timeout', egress: 'timeout' })
    expect(Math.max(...together)).toBe(2)
    // Each direction: the control, the denied one, and the control again.
    expect(together).toHaveLength(6)
  })

  test('measures that a plugin rejects instead of dropping', async () => {
    expect(await canary({ denies: 'refused' }).result).toMatchObject({
      ingress: 'refused',
      egress: 'refused',
    })
  })

  test('waits for policies that take effect late, and late again when they go', async () => {
    expect(await canary({ lag: 4 }).result).toMatchObject({ ingress: 'timeout', egress: 'timeout' })
  })

  test.each([
    ['nothing', { ingress: false, egress: false }, 'This cluster accepts policies and'],
    ['ingress only', { ingress: true, egress: false }, 'This cluster accepts egress policies and'],
    ['egress only', { ingress: false, egress: true }, 'This cluster accepts ingress policies and'],
  ])('refuses a cluster that enforces %s', async (_name, enforces, message) => {
    const { result, objects } = canary({ enforces })
    await expect(result).rejects.toMatchObject({
      code: 'ERR_CLUSTER_NOT_ENFORCING',
      exitCode: 3,
      message: `${message} does not enforce them.`,
    })
    expect([...objects.keys()]).toEqual([])
  })

  test('claims nothing where the pods cannot talk at all', async () => {
    const { result, objects } = canary({ connects: false })
    await expect(result).rejects.toMatchObject({
      code: 'ERR_CANARY_INCONCLUSIVE',
      why: expect.stringContaining('(timeout) before any policy was applied'),
    })
    expect([...objects.keys()]).toEqual([])
  })

  test('claims nothing where the probe itself did not run', async () => {
    await expect(canary({ probeExit: 127 }).result).rejects.toMatchObject({
      code: 'ERR_CANARY_INCONCLUSIVE',
      why: expect.stringContaining('the probe ended with 127'),
    })
  })

  test('says that the image cannot be pulled, with the words of the cluster', async () => {
    await expect(canary({ pullError: 'no such host' }).result).rejects.toMatchObject({
      code: 'ERR_IMAGE_NOT_PULLED',
      why: 'no such host',
    })
  })

  test('hands on what the API server does not allow', async () => {
    await expect(canary({ forbids: true }).result).rejects.toMatchObject({
      code: 'ERR_CANARY_INCONCLUSIVE',
      why: expect.stringContaining('User "ada" cannot create'),
    })
  })

  test('cleans up its own leftovers, and does not touch a namespace of somebody else', async () => {
    const mine = { labels: { 'app.kubernetes.io/managed-by': 'netpol-lab' } }
    expect(await canary({ namespace: mine }).result).toMatchObject({ egress: 'timeout' })
    const { result, objects } = canary({ namespace: { labels: {} } })
    await expect(result).rejects.toMatchObject({ code: 'ERR_CANARY_INCONCLUSIVE' })
    expect([...objects.keys()]).toEqual(['namespaces/netpol-lab-canary'])
  })

  test('removes what it made when it is aborted in the middle', async () => {
    const controller = new AbortController()
    let probes = 0
    const { result, objects } = canary(
      {
        onExec: () => {
          if (++probes === 2) controller.abort(new Error('Ctrl-C'))
        },
      },
      controller.signal,
    )
    await expect(result).rejects.toThrow('Ctrl-C')
    expect([...objects.keys()]).toEqual([])
  })
})
