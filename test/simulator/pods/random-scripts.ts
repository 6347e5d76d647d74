import fc from 'fast-check'

/*
 * A grammar of shell scripts that end, print what they do, and have one right outcome. Words are made of few names and characters, so
 * that quotes, expansions and separators meet in every order.
 */
const name = fc.constantFrom('a', 'b', 'c')
const literal = fc.constantFrom(
  'x',
  'y',
  'foo',
  '1',
  '2',
  '0',
  'a b',
  '',
  '-',
  ':',
  'x:y',
  '*',
  'q?',
  '[a]',
  '=',
  ',',
)
const plain = fc.constantFrom(
  'x',
  'y',
  'foo',
  '1',
  '2',
  'ab',
  'x:y',
  'z*',
  '?',
  '-n',
  '%',
  'f.c',
  '/a/b',
  '!',
  'a=b',
)
const pattern = fc.constantFrom(
  '*',
  '?',
  'x',
  'f*',
  '*o',
  '[a-x]',
  '[!x]',
  'x*',
  '?o',
  '*:',
  '"x"',
  "'*'",
  '\\*',
  '[[:alpha:]]',
  '${b}',
  '"$a"',
  'foo|x',
)
const number = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '7',
  '10',
  '-1',
  '08',
  '0x1f',
  '$a',
  'b',
  '$#',
  '${c:-4}',
)

const singleQuoted = literal.map((text) => `'${text}'`)
const operator = fc.constantFrom(':-', '-', ':+', '+', '=', ':=')
const trim = fc.constantFrom('#', '##', '%', '%%')

const { expression } = fc.letrec<{ expression: string; sum: string }>((tie) => ({
  expression: fc.oneof({ depthSize: 'small' }, number, tie('sum')),
  sum: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '%', '<', '>', '==', '!=', '&', '|', '^', '<<', '>='),
        tie('expression'),
      )
      .map(([left, sign, right]) => `${left} ${sign} ${right}`),
    tie('expression').map((inner) => `(${inner})`),
    fc
      .tuple(fc.constantFrom('!', '-', '~'), tie('expression'))
      .map(([sign, inner]) => `${sign}(${inner})`),
    fc
      .tuple(name, fc.constantFrom('=', '+=', '-=', '*='), tie('expression'))
      .map(([left, sign, right]) => `${left} ${sign} ${right}`),
    fc.tuple(name, fc.constantFrom('++', '--')).map(([left, sign]) => left + sign),
  ),
}))

export const script = fc.letrec<{
  word: string
  expansion: string
  quoted: string
  piece: string
  simple: string
  compound: string
  command: string
  list: string
}>((tie) => ({
  expansion: fc.oneof(
    { depthSize: 'small' },
    name.map((variable) => `$${variable}`),
    fc.constantFrom('$1', '$2', '$#', '$*', '$@', '$?', '${#a}', '${#1}', '${1}', '$-x'),
    fc
      .tuple(name, operator, tie('word'))
      .map(([variable, sign, word]) => `\${${variable}${sign}${word}}`),
    fc.tuple(name, trim, pattern).map(([variable, sign, glob]) => `\${${variable}${sign}${glob}}`),
    fc
      .tuple(
        name,
        fc.constantFrom('/', '//'),
        fc.constantFrom('x', '?', 'o', 'f*', '[a-m]', ':'),
        fc.constantFrom('', 'R', '$c', 'u v'),
      )
      .map(([variable, sign, from, to]) => `"\${${variable}${sign}${from}/${to}}"`),
    fc
      .tuple(name, fc.constantFrom(':0', ':1', ':1:1', ':0:2', ': -1', ':5'))
      .map(([variable, range]) => `\${${variable}${range}}`),
    tie('list').map((list) => `$(${list})`),
    fc
      .tuple(fc.constantFrom('echo', "printf '%s\\n'"), plain, plain)
      .map(([tool, one, two]) => `\`${tool} ${one} ${two}\``),
    expression.map((sum) => `$((${sum}))`),
  ),
  quoted: fc
    .array(
      fc.oneof(literal, tie('expansion'), fc.constantFrom('\\$', '\\"', '\\\\', '\\x', "'", '  ')),
      { maxLength: 3 },
    )
    .map((parts) => `"${parts.join('')}"`),
  piece: fc.oneof(
    { weight: 4, arbitrary: plain },
    { weight: 2, arbitrary: singleQuoted },
    { weight: 3, arbitrary: tie('quoted') },
    { weight: 3, arbitrary: tie('expansion') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\\*', '\\ ', '\\a', '~', '$a$b', '"$@"', '"$*"', "$'a\\tb'"),
    },
  ),
  word: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  simple: fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(tie('word'), { maxLength: 3 })
        .map((words) => `printf '<%s>' ${words.join(' ')}; echo`),
    },
    {
      weight: 3,
      arbitrary: fc
        .array(tie('word'), { minLength: 1, maxLength: 3 })
        .map((words) => `echo ${words.join(' ')}`),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(name, tie('word')).map(([variable, word]) => `${variable}=${word}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(name, tie('word'))
        .map(([variable, one]) => `${variable}=${one} eval 'echo "[$${variable}]"'`),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('word'), { maxLength: 3 })
        .map((words) => `set -- ${words.join(' ')}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'shift',
        'true',
        'false',
        ':',
        'unset a',
        'IFS=:',
        'IFS=',
        'unset IFS',
        "IFS=' x'",
        'set -f',
        'set +f',
        'set -u',
        'cd .',
        'f',
        'f 1 "2 3"',
        'nosuch',
        'wait',
        'return 3',
        '(exit 4)',
        'set -e',
        'echo $-',
        'local a=1',
        'trap "echo bye" EXIT',
        'umask',
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('word'), fc.constantFrom('=', '!=', '-eq', '-lt', '<'), tie('word'))
        .map(([one, sign, two]) => `[ ${one} ${sign.replace('<', '"<"')} ${two} ]; echo $?`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('word'), tie('word'))
        .map(
          ([one, two]) =>
            `read a b <<E\n${one.replaceAll('\n', ' ')} ${two.replaceAll('\n', ' ')}\nE\necho "$a|$b"`,
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('quoted'), fc.constantFrom('E', "'E'", '\\E'))
        .map(([text, end]) => `cat <<${end}\n${text.slice(1, -1)}\nE`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          tie('word'),
          fc.constantFrom('>f', '>>f', '2>&1', '2>/dev/null', '<f', '>&2', '1>&2 2>f'),
        )
        .map(([word, target]) => `echo ${word} ${target}; cat f 2>/dev/null`),
    },
  ),
  compound: fc.oneof(
    fc
      .tuple(tie('list'), tie('list'), tie('list'))
      .map(([test, yes, no]) => `if ${test}; then ${yes}; else ${no}; fi`),
    fc
      .tuple(name, fc.array(tie('word'), { maxLength: 3 }), tie('list'))
      .map(([variable, words, body]) => `for ${variable} in ${words.join(' ')}; do ${body}; done`),
    fc
      .tuple(tie('word'), pattern, pattern, tie('list'))
      .map(
        ([word, one, two, body]) => `case ${word} in ${one}) ${body};; ${two}) echo second;; esac`,
      ),
    tie('list').map((body) => `{ ${body}; }`),
    tie('list').map((body) => `(${body})`),
    tie('list').map((body) => `f() { ${body}; }`),
    fc
      .tuple(tie('list'), fc.constantFrom('break', 'continue', ':'))
      .map(([body, leave]) => `for i in 1 2; do ${body}; ${leave}; echo after; done`),
    tie('list').map((body) => `( j=0$j; while [ \${#j} -lt 3 ]; do j=0$j; ${body}; done )`),
  ),
  command: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('simple'), tie('compound')),
  list: fc
    .array(
      fc.tuple(tie('command'), fc.constantFrom(';', ';', ';', '\n', '&&', '||', '| cat;', ';!')),
      { minLength: 1, maxLength: 3 },
    )
    .map((items) =>
      items
        .map(([command, joint], index) => {
          // A here-document needs its line to end, so nothing else may follow on it.
          const text = command.includes('<<') ? `{ ${command}\n}` : command
          if (index === items.length - 1) return text
          return joint === ';!'
            ? `${text}; ! `
            : `${text}${joint === '\n' || joint === ';' ? joint : ` ${joint}`} `
        })
        .join(''),
    ),
})).list
