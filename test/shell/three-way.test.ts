import { describe, expect, it } from 'vitest'
import {
  createMergePatch,
  mergeThreeWay,
  sameJson,
} from '../../src/shell/kubectl/objects/three-way.ts'

const DEPLOYMENT = { kind: 'Deployment', lists: 'by-key' } as const

describe('client-side apply', () => {
  it('sets what the file says, removes what only the last file said, keeps the rest', () => {
    const merged = mergeThreeWay(
      { spec: { a: 1, gone: 2 } },
      { spec: { a: 3 } },
      { spec: { a: 1, gone: 2, server: 4 }, status: {} },
      DEPLOYMENT,
    )
    expect(merged).toEqual({ spec: { a: 3, server: 4 }, status: {} })
  })

  it('merges containers by name and their ports by number, so that defaults stay', () => {
    const live = {
      containers: [
        {
          name: 'app',
          image: 'a:1',
          imagePullPolicy: 'Always',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          env: [{ name: 'X', value: '1' }],
        },
        { name: 'injected', image: 'i' },
      ],
    }
    const original = {
      containers: [{ name: 'app', image: 'a:1', env: [{ name: 'X', value: '1' }] }],
    }
    const modified = { containers: [{ name: 'app', image: 'a:2', ports: [{ containerPort: 80 }] }] }
    expect(mergeThreeWay(original, modified, live, DEPLOYMENT)).toEqual({
      containers: [
        {
          name: 'app',
          image: 'a:2',
          imagePullPolicy: 'Always',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
        },
        { name: 'injected', image: 'i' },
      ],
    })
  })

  it('replaces the rules of a NetworkPolicy as a whole', () => {
    const live = { egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] }
    const modified = { egress: [{ ports: [{ port: 53 }] }] }
    const merged = mergeThreeWay({}, modified, live, { kind: 'NetworkPolicy', lists: 'by-key' })
    expect(merged).toEqual(modified)
  })

  it('writes the difference as a JSON merge patch', () => {
    expect(
      createMergePatch({ a: 1, b: { c: 1, d: 2 }, l: [1] }, { a: 1, b: { c: 2 }, l: [2], n: {} }),
    ).toEqual({
      b: { c: 2, d: null },
      l: [2],
      n: {},
    })
    expect(createMergePatch({ a: { b: [1] } }, { a: { b: [1] } })).toEqual({})
  })

  it('compares JSON without regard to the order of keys', () => {
    expect(sameJson({ a: 1, b: [{ c: 1 }] }, { b: [{ c: 1 }], a: 1 })).toBe(true)
    expect(sameJson([1, 2], [2, 1])).toBe(false)
    expect(sameJson({ a: undefined }, {})).toBe(false)
  })
})
