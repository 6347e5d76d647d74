import { describe, expect, it } from 'vitest'
import {
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '../../src/kube/label-selector.ts'

describe('a selector of an object', () => {
  it('matches everything when it is empty or absent', () => {
    expect(matchesSelector(undefined, {})).toBe(true)
    expect(matchesSelector({}, { a: 'b' })).toBe(true)
  })

  it('joins all its parts with AND', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'role', operator: 'Exists' as const }],
    }
    expect(matchesSelector(selector, { app: 'web', role: '' })).toBe(true)
    expect(matchesSelector(selector, { app: 'web' })).toBe(false)
    expect(matchesSelector(selector, { app: 'Web', role: 'x' })).toBe(false)
  })

  it('matches what lacks the key by NotIn and DoesNotExist', () => {
    const not = (operator: 'NotIn' | 'DoesNotExist', values?: string[]) => ({
      matchExpressions: [{ key: 'env', operator, ...(values === undefined ? {} : { values }) }],
    })
    expect(matchesSelector(not('NotIn', ['staging']), {})).toBe(true)
    expect(matchesSelector(not('NotIn', ['staging']), { env: 'staging' })).toBe(false)
    expect(matchesSelector(not('DoesNotExist'), { other: 'x' })).toBe(true)
  })

  it('does not take properties of every object for labels', () => {
    expect(
      matchesSelector({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, {}),
    ).toBe(false)
  })
})

describe('a label selector as text', () => {
  it.each([
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a!=b', {}, true],
    ['a in (b, c),!d', { a: 'c' }, true],
    ['a in (b, c),!d', { a: 'c', d: '' }, false],
    ['a notin (b)', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['a=', { a: '' }, true],
    ['a in ()', { a: '' }, true],
    ['in in (in)', { in: 'in' }, true],
    ['app.kubernetes.io/name=web', { 'app.kubernetes.io/name': 'web' }, true],
    ['a>1', { a: '2' }, true],
    ['a<1', { a: '2' }, false],
    ['', { a: 'b' }, true],
  ])('%s on %o is %s', (text, labels, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected)
  })

  it.each([
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a=)', "unable to parse requirement: found ')', expected: identifier"],
  ])('%s is refused in the words of apimachinery', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ message }))
  })

  it('refuses keys and values that no label can have', () => {
    expect(() => parseLabelSelector('-a=b')).toThrow(
      'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of',
    )
    expect(() => parseLabelSelector('a=b@')).toThrow(
      'unable to parse requirement: values[0][a]: Invalid value: "b@": a valid label must be',
    )
    expect(() => parseLabelSelector('a>x')).toThrow('the value must be an integer')
  })
})

describe('a field selector', () => {
  const pod = (field: string) =>
    ({ 'metadata.name': 'web', 'status.phase': 'Running' })[field] ?? ''

  it('compares fields with equal and not equal', () => {
    expect(parseFieldSelector('metadata.name=web,status.phase!=Pending').matches(pod)).toBe(true)
    expect(parseFieldSelector('metadata.name==other').matches(pod)).toBe(false)
    expect(parseFieldSelector('').matches(pod)).toBe(true)
    expect(parseFieldSelector('spec.nodeName=').matches(pod)).toBe(true)
  })

  it('refuses what it cannot read', () => {
    expect(() => parseFieldSelector('metadata.name')).toThrow(
      "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
    )
  })
})
