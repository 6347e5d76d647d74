import { describe, expect, it } from 'vitest'
import { parseJsonPath, relaxJsonPath } from '../../../src/shell/kubectl/print/json-path.ts'

const OBJECT = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { 'k8s-app': 'x', 'a.b/c': 'dot' } }, n: 1, ok: true },
    { metadata: { name: 'b', labels: {} }, n: 2 },
    { metadata: { name: 'c' }, n: 3, list: [1, 2] },
  ],
}
const print = (template: string) => parseJsonPath(template).print(OBJECT)

describe('jsonpath', () => {
  it.each([
    ['{.kind}', 'List'],
    ['{$.kind}', 'List'],
    ['{.items[*].metadata.name}', 'a b c'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1].metadata.name}', 'c'],
    ['{.items[0:2].n}', '1 2'],
    ['{.items[1:].n}', '2 3'],
    ['{.items[::2].n}', '1 3'],
    ['{.items[0,2].n}', '1 3'],
    ['{..name}', 'a b c'],
    ['{.items[0].metadata.labels.a\\.b/c}', 'dot'],
    ["{.items[0]['metadata','n']}", '{"labels":{"a.b/c":"dot","k8s-app":"x"},"name":"a"} 1'],
    ['{.items[?(@.n==2)].metadata.name}', 'b'],
    ['{.items[?(@.n>=2)].metadata.name}', 'b c'],
    ['{.items[?(@.metadata.labels.k8s-app=="x")].n}', '1'],
    ['{.items[?(@.list)].n}', '3'],
    ['{.items[?(@.metadata.name!="a")].n}', '2 3'],
    ['{range .items[*]}{.metadata.name}={.n}{"\\n"}{end}', 'a=1\nb=2\nc=3\n'],
    ['name: {.items[0].metadata.name}, {.items[0].ok}', 'name: a, true'],
    ['{.nope}', ''],
    ['{.items[0].nope.deeper}', ''],
    ['.items', '.items'],
    ["{.kind}{'\\t'}{.kind}", 'List\tList'],
  ])('%s gives %j', (template, expected) => {
    expect(print(template)).toBe(expected)
  })

  it.each([
    ['{.items[0', 'error parsing jsonpath {.items[0, unterminated array'],
    ['{.a', 'error parsing jsonpath {.a, unclosed action'],
    ['{range .items[*]}x', 'unterminated range'],
    ['{end}', 'not in range, nothing to end'],
  ])('says what is wrong with %s', (template, text) => {
    expect(() => parseJsonPath(template)).toThrow(text)
  })

  it('says which index is missing', () => {
    expect(() => print('{.items[7].n}')).toThrow(
      'error executing jsonpath "{.items[7].n}": Error executing template: array index out of bounds: index 7, length 3. Printing more information',
    )
  })

  it('takes paths with and without braces where kubectl does', () => {
    expect(['a.b', '.a.b', '{.a.b}', '{a.b}'].map(relaxJsonPath)).toEqual(Array(4).fill('{.a.b}'))
  })
})
