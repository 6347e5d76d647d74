import { describe, expect, it } from 'vitest'
import { LineSyntaxError } from '../../src/shell/line/line-syntax-error.ts'
import { parseLine } from '../../src/shell/line/parse-line.ts'

const words = (line: string) => parseLine(line).map((command) => command.words)

describe('a line of the lab', () => {
  it.each([
    ['kubectl  get\tpods', [['kubectl', 'get', 'pods']]],
    ['a "b c" \'d e\' f\\ g', [['a', 'b c', 'd e', 'f g']]],
    ['a "" \'\'', [['a', '', '']]],
    ['a "x\\"y\\$z\\n"', [['a', 'x"y$z\\n']]],
    ["a 'it'\\''s'", [['a', "it's"]]],
    ['a --l="b c"d', [['a', '--l=b cd']]],
    ['a # comment | > $x', [['a']]],
    ['a b#c', [['a', 'b#c']]],
    ['# only a comment', []],
    ['', []],
    ['  \n \n', []],
    ['a \\\n  b', [['a', 'b']]],
    ['a; b ;c', [['a'], ['b'], ['c']]],
    ['a\nb', [['a'], ['b']]],
    ['a;\nb;', [['a'], ['b']]],
    ['$ kubectl get pods', [['kubectl', 'get', 'pods']]],
    ['$ a \\\n    b\n$ c', [['a', 'b'], ['c']]],
    ['a {.items[*].metadata.name}', [['a', '{.items[*].metadata.name}']]],
    ["a '*' '$x' \"|\"", [['a', '*', '$x', '|']]],
    ['a $ b$', [['a', '$', 'b$']]],
    ['a \\', [['a']]],
    ['wget http://web:80/ -O- 2', [['wget', 'http://web:80/', '-O-', '2']]],
  ])('splits %j as sh does', (line, expected) => {
    expect(words(line)).toEqual(expected)
  })

  it('knows when each command runs, and how it was typed', () => {
    expect(parseLine('a x && b || c; d')).toEqual([
      { words: ['a', 'x'], runs: 'always', source: 'a x' },
      { words: ['b'], runs: 'after-success', source: 'b' },
      { words: ['c'], runs: 'after-failure', source: 'c' },
      { words: ['d'], runs: 'always', source: 'd' },
    ])
    expect(parseLine('$ kubectl run \\\n    --rm test')[0]?.source).toBe('kubectl run --rm test')
    expect(words('a &&\nb')).toEqual([['a'], ['b']])
  })

  it('reads here-documents, quoted or not, with tabs stripped where asked', () => {
    const [command, next] = parseLine('kubectl apply -f - <<EOF\na: 1\n  $b `c` |\nEOF\nls')
    expect(command?.hereDocument).toBe('a: 1\n  $b `c` |\n')
    expect(command?.words).toEqual(['kubectl', 'apply', '-f', '-'])
    expect(next?.words).toEqual(['ls'])
    expect(parseLine("x <<'END'\nEOF\nEND")[0]?.hereDocument).toBe('EOF\n')
    expect(parseLine('x <<-EOF\n\tone\n\t\ttwo\n\tEOF')[0]?.hereDocument).toBe('one\ntwo\n')
    expect(parseLine('cat <<EOF && b\nx\nEOF').map((one) => one.words)).toEqual([['cat'], ['b']])
    expect(parseLine('a <<EOF\r\nx\r\nEOF\r\n')[0]?.hereDocument).toBe('x\n')
  })

  it.each([
    ['a | b', '|'],
    ['a > f', '>'],
    ['a < f', '<'],
    ['a &', '&'],
    ['a $x', '$'],
    ['a ${x}', '$'],
    ['a $(b)', '$'],
    ['a "$x"', '$'],
    ['a "`b`"', '`'],
    ['a `b`', '`'],
    ['a *.yaml', '*'],
    ['a b?', '?'],
    ['(a)', '('],
  ])('refuses %j in one sentence that names %s', (line, character) => {
    const refused = () => parseLine(line)
    expect(refused).toThrow(LineSyntaxError)
    expect(refused).toThrow(`does not understand ${character} here: `)
    expect(refused).toThrow('netpol-lab shell')
  })

  it.each([
    ["a 'b", "add the missing '"],
    ['a "b', 'add the missing "'],
    ['&& a', 'missing before &&'],
    ['a &&', 'missing after &&'],
    ['; a', 'missing before ;'],
    ['a <<EOF\nx', 'its last line is to be EOF alone'],
    ['a <<EOF', 'its last line is to be EOF alone'],
    ['a <<', 'needs a word after <<'],
  ])('says what is not finished in %j', (line, text) => {
    expect(() => parseLine(line)).toThrow(text)
  })
})
