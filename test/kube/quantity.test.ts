import { describe, expect, it } from 'vitest'
import { canonicalQuantity, nanosOf } from '../../src/kube/quantity.ts'

describe('a quantity', () => {
  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['2000', '2k'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['512Ki', '512Ki'],
    ['0.5Gi', '512Mi'],
    ['0', '0'],
    ['0Mi', '0'],
    ['1e3', '1e3'],
    ['100e-3', '100e-3'],
    ['-1', '-1'],
    ['+2', '2'],
    ['1.5Gi', '1536Mi'],
    ['.5', '500m'],
    ['5.', '5'],
    ['100Ki', '100Ki'],
    ['1Ki', '1Ki'],
    ['0.1Ki', '102400m'],
  ])('%s is written as %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical)
  })

  it.each(['', '1Gb', '1 Gi', 'much', '.', '1mi', '--1'])('%j is none', (text) => {
    expect(nanosOf(text)).toBeUndefined()
  })
})
