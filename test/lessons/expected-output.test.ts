import { describe, expect, test } from 'vitest'
import { matchesExpected } from '../../src/lessons/expected-output.ts'

describe('expected output', () => {
  test.each([
    ['equal lines', ['a', 'b'], ['a', 'b']],
    ['blanks at line ends and empty lines at the end', ['a ', 'b', ''], ['a', 'b  ', '', '']],
    ['nothing expected, whatever is printed', [], ['a']],
    ['[..] for any text', ['Connecting to web ([..]:80)'], ['Connecting to web (10.96.120.15:80)']],
    ['[..] for no text', ['a[..]b'], ['ab']],
    [
      'several [..] in a line',
      ['[..] packets, [..] received[..]'],
      ['3 packets, 0 received, 100% loss'],
    ],
    ['[..] alone, also for an empty line', ['[..]', 'b'], ['', 'b']],
    ['signs that mean something in patterns', ['a.*(b)?[c]'], ['a.*(b)?[c]']],
    ['... for several lines', ['a', '...', 'd'], ['a', 'b', 'c', 'd']],
    ['... for no line', ['a', '...', 'd'], ['a', 'd']],
    ['... at the end', ['a', '...'], ['a', 'b', 'c']],
    ['... that has to go on past a first fit', ['...', 'b', 'c'], ['b', 'x', 'b', 'c']],
    ['^C that the terminal shows', ['PING', '^C', '--- end'], ['PING', '^C', '--- end']],
    ['^C that is an empty line in a pipe', ['PING', '^C', '--- end'], ['PING', '', '--- end']],
    ['^C that leaves no line', ['PING', '^C', '--- end'], ['PING', '--- end']],
  ])('fits: %s', (_what, expected, lines) => {
    expect(matchesExpected(expected, lines)).toEqual({ matched: true })
  })

  test.each([
    ['another line', ['a', 'b'], ['a', 'c'], { expected: 'b', actual: 'c', line: 2 }],
    ['a line more', ['a'], ['a', 'b'], { expected: undefined, actual: 'b', line: 2 }],
    ['a line less', ['a', 'b'], ['a'], { expected: 'b', actual: undefined, line: 2 }],
    [
      'an empty line in between',
      ['a', 'b'],
      ['a', '', 'b'],
      { expected: 'b', actual: '', line: 2 },
    ],
    ['a blank at the start', ['a'], [' a'], { expected: 'a', actual: ' a', line: 1 }],
    [
      'ends of [..] that overlap',
      ['ab[..]bc'],
      ['abc'],
      { expected: 'ab[..]bc', actual: 'abc', line: 1 },
    ],
    ['[..] over two lines', ['a[..]b'], ['a', 'b'], { expected: 'a[..]b', actual: 'a', line: 1 }],
    [
      'what comes after ...',
      ['a', '...', 'd'],
      ['a', 'b', 'c'],
      { expected: 'd', actual: undefined, line: 4 },
    ],
  ])('differs: %s', (_what, expected, lines, wanted) => {
    expect(matchesExpected(expected, lines)).toEqual({ matched: false, ...wanted })
  })

  test('many "..." over long output end soon', () => {
    const expected = Array.from({ length: 40 }, () => ['...', 'x']).flat()
    const lines = Array.from({ length: 2000 }, (_, index) => (index % 60 === 0 ? 'x' : 'y'))
    expect(matchesExpected(expected, lines)).toMatchObject({ matched: false })
  })
})
