import { describe, expect, it } from 'vitest'
import { createJsonTexts } from '../../../src/simulator/api/json-texts.ts'
import { createStore } from '../../../src/simulator/api/store.ts'

const map = (name: string, text = '', namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { text },
})
const names = (list: readonly { metadata: { name: string } }[] | undefined) =>
  list?.map(({ metadata }) => metadata.name)

describe('the history of the store', () => {
  it('is bounded by number', () => {
    const store = createStore({ historyLimit: 10 })
    for (let turn = 0; turn < 100; turn++) store.put('ConfigMap', map('a', String(turn)))
    expect(store.changesSince('ConfigMap', 1)).toBeUndefined()
    expect(store.listAt('ConfigMap', 1)).toBeUndefined()
    expect(store.changesSince('ConfigMap', 95)).toHaveLength(5)
  })

  it('is bounded by size, and tells what it does not reach', () => {
    const store = createStore({ historyBytes: 100_000 })
    for (let turn = 0; turn < 50; turn++) store.put('ConfigMap', map('a', 'x'.repeat(10_000)))
    expect(store.changesSince('ConfigMap', 30)).toBeUndefined()
    expect(store.listAt('ConfigMap', 30)).toBeUndefined()
    expect(store.changesSince('ConfigMap', 47)).toHaveLength(3)
    expect(names(store.listAt('ConfigMap', 48))).toEqual(['a'])
  })

  it('keeps the last change of an object that is larger than all of it', () => {
    const store = createStore({ historyBytes: 100 })
    store.put('ConfigMap', map('a'))
    store.put('ConfigMap', map('b', 'x'.repeat(1000)))
    expect(store.changesSince('ConfigMap', 1)).toHaveLength(1)
    expect(store.changesSince('ConfigMap', 0)).toBeUndefined()
  })
})

describe('a list of the store', () => {
  it('stays in order through every change, and what was given out stays as it was', () => {
    const store = createStore()
    store.put('ConfigMap', map('m'))
    const first = store.list('ConfigMap')
    for (const name of ['z', 'a', 'n', 'b']) store.put('ConfigMap', map(name))
    store.put('ConfigMap', map('a', '', 'before'))
    const second = store.list('ConfigMap')
    store.put('ConfigMap', map('n', 'changed'))
    store.remove('ConfigMap', 'default/z')
    store.remove('ConfigMap', 'default/none')
    expect(names(first)).toEqual(['m'])
    expect(names(second)).toEqual(['a', 'a', 'b', 'm', 'n', 'z'])
    expect(names(store.list('ConfigMap'))).toEqual(['a', 'a', 'b', 'm', 'n'])
    expect(names(store.list('ConfigMap', 'before'))).toEqual(['a'])
    expect(store.list('ConfigMap').at(-1)).toMatchObject({ data: { text: 'changed' } })
    expect(names(store.listAt('ConfigMap', 1))).toEqual(['m'])
  })
})

describe('the text of a stored object', () => {
  it('is its JSON, in every state', () => {
    const store = createStore()
    const first = store.put('ConfigMap', map('a', 'one'))
    const second = store.put('ConfigMap', map('a', 'two'))
    for (const object of [first, second, first, { ...second, kind: 'Other' }]) {
      expect(store.textOf(object)).toBe(JSON.stringify(object))
    }
  })

  it('is kept within a limit, the newest ones', () => {
    const texts = createJsonTexts(1000)
    const objects = Array.from({ length: 10 }, (_, index) =>
      Object.freeze(map(`a${index}`, 'x'.repeat(200))),
    )
    let made = 0
    const counted = objects.map((object) =>
      Object.freeze({
        ...object,
        toJSON: () => {
          made += 1
          return object
        },
      }),
    )
    for (const object of counted) texts.of(object)
    expect(made).toBe(10)
    for (const object of counted.slice(-3)) texts.of(object)
    expect(made).toBe(10)
    for (const object of counted.slice(0, 3)) texts.of(object)
    expect(made).toBe(13)
  })
})
