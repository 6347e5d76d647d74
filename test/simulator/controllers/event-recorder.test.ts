import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { createAccountTokens } from '../../../src/simulator/api/access/account-tokens.ts'
import { createClusterObjects } from '../../../src/simulator/api/cluster-objects.ts'
import { createRegistry } from '../../../src/simulator/api/registry.ts'
import { restoreObjects } from '../../../src/simulator/api/restore-objects.ts'
import { createStore } from '../../../src/simulator/api/store.ts'
import { createEventRecorder } from '../../../src/simulator/controllers/event-recorder.ts'
import { seedCluster } from '../../../src/simulator/seed/seed-cluster.ts'

function openRecorder() {
  const clock = createFastClock()
  const store = createStore()
  const kinds = restoreObjects(store, [])
  const tokens = createAccountTokens({ clock, randomBytes, store })
  const context = { clock, randomBytes, store, kinds, tokens }
  const objects = createClusterObjects(context, createRegistry(context))
  seedCluster(objects, new Date(clock.now()).toISOString(), () => 'uid')
  const open = () => createEventRecorder({ objects, clock, nodeName: 'node' })
  const recorder = open()
  const record = (name: string, message = 'a few words', by = recorder) =>
    by.record('kubelet', podNamed(name), { type: 'Normal', reason: 'Said', message })
  const about = () => objects.list('Event').map(({ involvedObject }) => involvedObject.name ?? '')
  return { objects, open, record, about }
}

const podNamed = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
})

describe('the recorder of events', () => {
  it('keeps a thousand, and lets the ones go that happened the longest time ago', () => {
    const { record, about } = openRecorder()
    record('again')
    for (let index = 0; index < 999; index++) record(`z-${index}`)
    record('again')
    for (let index = 0; index < 10; index++) record(`a-${index}`)
    const names = about()
    expect(names.length).toBeLessThanOrEqual(1001)
    expect(names).toEqual(expect.arrayContaining(['again', 'a-0', 'a-9', 'z-998']))
    expect(names).not.toContain('z-0')
    expect(names).not.toContain('z-7')
  })

  it('raises the count of an event that happens again, also one of a cluster that was opened again', () => {
    const { objects, open, record } = openRecorder()
    record('web')
    record('web')
    record('web', 'other words')
    record('web', 'a few words', open())
    const counts = objects.list('Event').map(({ message, count }) => `${message}: ${count}`)
    expect(counts.sort()).toEqual(['a few words: 3', 'other words: 1'])
  })

  it('combines what differs in its words alone, from the tenth on', () => {
    const { objects, record } = openRecorder()
    for (let index = 1; index <= 9; index++) record('web', `Created pod: web-${index}`)
    record('other', 'Created pod: web-9')
    const messages = () =>
      objects
        .list('Event')
        .filter(({ involvedObject }) => involvedObject.name === 'web')
        .map(({ message, count }) => `${count} ${message}`)
    expect(messages()).toHaveLength(9)
    record('web', 'Created pod: web-10')
    record('web', 'Created pod: web-11')
    record('web', 'Created pod: web-3')
    expect(messages()).toHaveLength(10)
    expect(messages()).toContain('2 (combined from similar events): Created pod: web-11')
    expect(messages()).toContain('2 Created pod: web-3')
  })

  it('records anew what a client has deleted', () => {
    const { objects, record } = openRecorder()
    record('web')
    const [event] = objects.list('Event')
    objects.delete('Event', 'default', event?.metadata.name ?? '')
    record('web')
    expect(objects.list('Event').map(({ count }) => count)).toEqual([1])
  })
})
