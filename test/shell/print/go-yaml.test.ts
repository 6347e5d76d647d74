import { describe, expect, it } from 'vitest'
import { toGoJson } from '../../../src/shell/kubectl/print/go-json.ts'
import { compareKeys, toGoYaml } from '../../../src/shell/kubectl/print/go-yaml.ts'

/** Recorded with `kubectl 1.32 label --local -o yaml` from the values below. */
const RECORDED = `data:
  "9": b
  "10": a
  a9: true
  a10: x
  amp: '&x'
  at: '@x'
  bang: '!x'
  bin: "0b11"
  brk: '[x'
  colon: 'a: b'
  com2: a, b
  comma: ',x'
  ctl: "\\x01"
  cur: '}x'
  dash: '- x'
  date: "2024-01-01"
  empty: ""
  eq: =
  exp: "1e3"
  float: "1.5"
  hash: 'a #b'
  hex: "0x10"
  inf: ".inf"
  json: '{"a":1}'
  long: aaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccccccccc
    dddddddddddddddddddd eeeeeeeeeeeeeeee ffffffffffffff
  ltlt: <<
  minus: '-'
  minus2: -x
  multi: |
    line1
    line2
  multi2: "line one is long long long long long long long long long long long long
    long long long long\\nline2 \\nline 3"
  nl2: |+
    a

  nl3: |2-

    a
  num: "12"
  oct: "0777"
  pct: '%x'
  pipe: '|x'
  q: '?'
  q2: '? x'
  quote: it's
  sex: "22:22"
  sp: ' x'
  star: '*x'
  tab: "a\\tb"
  til: "~"
  trail: 'x '
  tru: "true"
  ts: "2024-01-01T00:00:00Z"
  under: "1_000"
  uni: "ü→\\U0001F600"
`

const VALUES = {
  long: 'aaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccccccccc dddddddddddddddddddd eeeeeeeeeeeeeeee ffffffffffffff',
  num: '12',
  multi: 'line1\nline2\n',
  trail: 'x ',
  colon: 'a: b',
  hash: 'a #b',
  quote: "it's",
  empty: '',
  star: '*x',
  dash: '- x',
  date: '2024-01-01',
  ts: '2024-01-01T00:00:00Z',
  tab: 'a\tb',
  uni: 'ü→\u{1F600}',
  json: '{"a":1}',
  ctl: '\u0001',
  nl2: 'a\n\n',
  nl3: '\na',
  exp: '1e3',
  hex: '0x10',
  oct: '0777',
  inf: '.inf',
  til: '~',
  tru: 'true',
  float: '1.5',
  under: '1_000',
  sex: '22:22',
  bang: '!x',
  amp: '&x',
  at: '@x',
  pct: '%x',
  q: '?',
  q2: '? x',
  brk: '[x',
  cur: '}x',
  comma: ',x',
  com2: 'a, b',
  pipe: '|x',
  eq: '=',
  ltlt: '<<',
  bin: '0b11',
  minus: '-',
  minus2: '-x',
  sp: ' x',
  multi2:
    'line one is long long long long long long long long long long long long long long long long\nline2 \nline 3',
  '10': 'a',
  '9': 'b',
  a10: 'x',
  a9: true,
}

describe('YAML as kubectl prints it', () => {
  it('quotes, folds and sorts as go-yaml does', () => {
    expect(toGoYaml({ data: VALUES })).toBe(RECORDED)
  })

  it('prints sequences at the indent of their key, and empty things in one line', () => {
    expect(
      toGoYaml({
        list: [{ b: 1, a: [1, [2, 3]] }, 'x', [], {}],
        none: null,
        num: 0.5,
        absent: undefined,
      }),
    ).toBe('list:\n- a:\n  - 1\n  - - 2\n    - 3\n  b: 1\n- x\n- []\n- {}\nnone: null\nnum: 0.5\n')
  })

  it('orders keys with numbers by value', () => {
    expect(['b', 'a10', 'a9', 'a', '1', 'A', 'a-b'].sort(compareKeys)).toEqual([
      '1',
      'A',
      'a',
      'a-b',
      'a9',
      'a10',
      'b',
    ])
  })
})

describe('JSON as kubectl prints it', () => {
  it('indents by four, sorts where asked and escapes as Go does', () => {
    expect(toGoJson({ b: '<a&b>', a: [], c: {}, d: [1] }, { sortKeys: true })).toBe(
      '{\n    "a": [],\n    "b": "\\u003ca\\u0026b\\u003e",\n    "c": {},\n    "d": [\n        1\n    ]\n}\n',
    )
    expect(toGoJson({ b: 1, a: 2 }, { sortKeys: false })).toBe('{\n    "b": 1,\n    "a": 2\n}\n')
  })
})
