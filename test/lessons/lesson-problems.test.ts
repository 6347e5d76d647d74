import { describe, expect, test } from 'vitest'
import { checkLesson } from '../../src/lessons/check-lesson.ts'
import { parseLesson } from '../../src/lessons/parse-lesson.ts'
import { formatProblem } from '../../src/lessons/problems.ts'
import { FOLDER, SMALL_LESSON, SMALL_WORLD, smallLesson } from './small-lesson.ts'

/** Stands in a changed lesson where the problem has to be found. */
const HERE = '⌖'

interface Broken {
  readonly what: string
  readonly rule: string
  /** What is replaced, and by what; `⌖` marks the place of the problem. */
  readonly change?: readonly [string, string]
  readonly file?: string
  readonly files?: Readonly<Record<string, string | undefined>>
  /** A place that cannot be marked, `line:column`. */
  readonly at?: string
  readonly says?: string
  readonly folder?: string
}

const BROKEN: readonly Broken[] = [
  // Form of the file
  { what: 'no lesson.md', rule: 'file-missing', files: { 'lesson.md': undefined }, at: '1:1' },
  {
    what: 'no world.yaml',
    rule: 'file-missing',
    file: 'world.yaml',
    files: { 'world.yaml': undefined },
    at: '1:1',
  },
  { what: 'a folder without a number', rule: 'folder-name', folder: 'lessons/small', at: '1:1' },
  { what: 'no front matter', rule: 'front-matter', change: ['---\nformat: 1', `${HERE}format: 1`] },
  {
    what: 'broken YAML in front matter',
    rule: 'yaml-syntax',
    change: ['level: beginner', `level: [beginner`],
    at: '7:1',
  },
  {
    what: 'another version of the format',
    rule: 'bad-value',
    change: ['format: 1', `format: ${HERE}2`],
    says: '"format" has to be 1',
  },
  {
    what: 'an unknown field',
    rule: 'unknown-field',
    change: ['minutes: 5', `minutes: 5\n${HERE}minuts: 6`],
    says: 'Write "minutes"',
  },
  {
    what: 'a missing field',
    rule: 'missing-field',
    change: ['summary: One of everything.\n', ''],
    at: '2:1',
    says: 'Add "summary"',
  },
  {
    what: 'a field of another type',
    rule: 'wrong-type',
    change: ['minutes: 5', `minutes: ${HERE}"5"`],
    says: 'this is a text',
  },
  {
    what: 'a level that is none',
    rule: 'bad-value',
    change: ['level: beginner', `level: ${HERE}hard`],
    says: 'beginner, core, advanced',
  },
  {
    what: 'an id that is not the folder’s',
    rule: 'id-mismatch',
    change: ['id: small', `id: ${HERE}other`],
  },
  {
    what: 'a title that is not the heading',
    rule: 'title-mismatch',
    change: ['# A small lesson', `${HERE}# Another lesson`],
  },
  { what: 'no title', rule: 'title-missing', change: ['# A small lesson\n', ''], at: '1:1' },
  { what: 'a second title', rule: 'heading', change: ['## Second step', `${HERE}# Second step`] },
  {
    what: 'two steps of one name',
    rule: 'duplicate-step',
    change: ['## Second step', `${HERE}## First step`],
  },
  {
    what: 'a YAML alias',
    rule: 'yaml-alias',
    change: ['namespaces: [default]', `namespaces: &a [default]\nobjectives: ${HERE}*a`],
    says: 'Write the value out',
  },
  // Prose
  { what: 'HTML', rule: 'html', change: ['Some prose.', `${HERE}<b>Some</b> prose.`] },
  { what: 'an image', rule: 'image', change: ['Some prose.', `Some ${HERE}![prose](x.png).`] },
  {
    what: 'a graded block in a list',
    rule: 'nested-block',
    change: ['Some prose.', `- Some prose\n\n  ${HERE}\`\`\`yaml quiz\n  id: a\n  \`\`\``],
  },
  {
    what: 'a console block before the first step',
    rule: 'block-in-intro',
    change: ['Some prose.', `${HERE}\`\`\`console\n$ ls\n\`\`\``],
  },
  {
    what: 'a link out of the lesson',
    rule: 'link-outside',
    change: ['[link](https://example.org)', `${HERE}[link](../../secret.md)`],
  },
  {
    what: 'a link to a program',
    rule: 'link-outside',
    change: ['[link](https://example.org)', `${HERE}[link](file:///etc/passwd)`],
  },
  {
    what: 'a link to a file that is not there',
    rule: 'link-missing',
    change: ['[link](https://example.org)', `${HERE}[link](solution/open.yaml)`],
  },
  // Console
  {
    what: 'output before a command',
    rule: 'console-order',
    change: ['$ kubectl apply -f close.yaml\n', `${HERE}`],
  },
  { what: 'an empty prompt', rule: 'console-empty', change: ['/ # exit', `${HERE}/ # `] },
  {
    what: 'a backslash with nothing after it',
    rule: 'console-continuation',
    change: [
      '$ kubectl run --rm -i -t --image=alpine \\\n    test -- ash',
      `${HERE}$ kubectl run --rm -i -t --image=alpine test \\`,
    ],
  },
  {
    what: 'a misspelt block',
    rule: 'unknown-block',
    change: ['```yaml quiz', `${HERE}\`\`\`yaml quizz`],
    says: 'Write "yaml quiz"',
  },
  {
    what: 'a host program',
    rule: 'console-command',
    change: ['$ kubectl apply', `${HERE}$ curl apply`],
  },
  {
    what: 'a misspelt kubectl',
    rule: 'console-command',
    change: ['$ kubectl apply', `${HERE}$ kubctl apply`],
    says: 'Write "kubectl"',
  },
  {
    what: 'an unknown verb of kubectl',
    rule: 'console-command',
    change: ['$ kubectl apply', `${HERE}$ kubectl aply`],
    says: 'Write "kubectl apply"',
  },
  {
    what: 'a pipe',
    rule: 'console-command',
    change: ['$ kubectl apply -f close.yaml', `${HERE}$ kubectl get pods | sh`],
  },
  {
    what: 'another kubeconfig',
    rule: 'console-flag',
    change: ['$ kubectl apply -f', `${HERE}$ kubectl apply --kubeconfig=/root/.kube/config -f`],
  },
  {
    what: 'a file of the host',
    rule: 'file-outside',
    change: ['$ kubectl apply -f close.yaml', `${HERE}$ kubectl apply -f /etc/hosts`],
  },
  {
    what: 'a file of the web',
    rule: 'file-outside',
    change: [
      '$ kubectl apply -f close.yaml',
      `${HERE}$ kubectl apply -f https://example.org/a.yaml`,
    ],
  },
  {
    what: 'a namespace of the cluster',
    rule: 'console-namespace',
    change: ['$ kubectl apply -f close.yaml', `${HERE}$ kubectl delete pods --all -n kube-system`],
  },
  {
    what: 'all namespaces',
    rule: 'console-namespace',
    change: ['$ kubectl apply -f close.yaml', `${HERE}$ kubectl delete pods --all -A`],
  },
  {
    what: 'an image that is not listed',
    rule: 'image-unlisted',
    change: [
      '$ kubectl run --rm -i -t --image=alpine',
      `${HERE}$ kubectl run --rm -i -t --image=busybox`,
    ],
  },
  { what: 'a pod line without a shell', rule: 'pod-line', change: ['/ # wget', `${HERE}/ # wget`] },
  // Graded blocks
  {
    what: 'a prediction that nothing follows',
    rule: 'predict-unattached',
    change: [
      '```yaml quiz\nid: quiz-one\nquestion: Which?\npoints: 1\nchoices:\n  - text: this\n    right: true\n    why: it is\n  - text: that\n    why: it is not\n',
      `${HERE}\`\`\`yaml predict\nid: late\nfrom: default/client\nto: web\nport: 80\npoints: 1\nchoices: { connected: a, timeout: b }\n`,
    ],
  },
  {
    what: 'an outcome that is none',
    rule: 'unknown-outcome',
    change: ['  timeout: it does not', `  ${HERE}blocked: it does not`],
  },
  {
    what: 'one outcome to choose from',
    rule: 'choice-count',
    change: [
      'choices:\n  connected: it works\n  timeout: it does not',
      `choices:\n  ${HERE}connected: it works`,
    ],
  },
  {
    what: 'choices that tell the answer',
    rule: 'choices-tell',
    change: ['  connected: it works', `  ${HERE}refused: it works`],
  },
  {
    what: 'a quiz without a right choice',
    rule: 'one-right-choice',
    change: ['  - text: this\n    right: true', `  ${HERE}- text: this`],
  },
  {
    what: 'a reason with two right choices',
    rule: 'one-right-choice',
    change: [
      '    - { text: yes it is, right: true, why: so it is }\n    - { text: no it is not,',
      `    ${HERE}- { text: yes it is, right: true, why: so it is }\n    - { text: no it is not, right: true,`,
    ],
  },
  {
    what: 'an id that is taken',
    rule: 'duplicate-id',
    change: ['- id: policy-right', `- id: ${HERE}client-there`],
  },
  {
    what: 'a check that waits for no prediction',
    rule: 'unknown-prediction',
    change: ['after: predict-web', `after: ${HERE}predict-wob`],
    says: 'predict-web',
  },
  {
    what: 'a claim about no check',
    rule: 'unknown-check',
    change: ['checks: [client-there]', `checks: [${HERE}client-their]`],
    says: 'client-there',
  },
  {
    what: 'a wrong answer for a check of another step',
    rule: 'unknown-check',
    change: ['  check: policy-right', `  check: ${HERE}client-there`],
    says: 'another step',
  },
  {
    what: 'a wrong answer for no check',
    rule: 'unknown-check',
    change: ['  check: policy-right', `  check: ${HERE}policy-rihgt`],
    says: 'policy-right',
  },
  {
    what: 'a kind of check that is none',
    rule: 'bad-value',
    change: ['kind: resource\n', `kind: ${HERE}script\n`],
    says: 'resource, probe, policy',
  },
  {
    what: 'a field of another kind of check',
    rule: 'unknown-field',
    change: ['  expect: exists', `  ${HERE}port: 80\n  expect: exists`],
  },
  {
    what: 'a denial without a control',
    rule: 'probe-control',
    change: ['- id: client-closed\n', `- ${HERE}id: client-closed\n`],
    files: {},
  },
  {
    what: 'a probe without a port',
    rule: 'probe-port',
    change: ['- id: client-closed', `- ${HERE}id: client-closed`],
  },
  {
    what: 'an output check of no line',
    rule: 'unknown-item',
    change: [
      '- id: policy-right\n  title: the policy is right\n  points: 1\n  kind: policy\n  namespaces: [default]\n  sameAs: solution/close.yaml\n',
      `- id: policy-right\n  title: the policy is right\n  points: 1\n  kind: output\n  item: ${HERE}ls\n`,
    ],
  },
  {
    what: 'two ways to say when a mistake fits',
    rule: 'mistake-form',
    change: [
      '    - id: wrong-subject\n      outcome: connected',
      `    - ${HERE}id: wrong-subject\n      absent: [spec.egress]\n      outcome: connected`,
    ],
  },
  {
    what: 'a policy check with nothing to hold it to',
    rule: 'check-form',
    change: ['- id: policy-right', `- ${HERE}id: policy-right`],
  },
  {
    what: 'a reference that is no policy',
    rule: 'reference-kind',
    change: ['sameAs: solution/close.yaml', `sameAs: ${HERE}world.yaml`],
  },
  {
    what: 'a file that is not there',
    rule: 'file-missing',
    change: ['  file: wrong/subject.yaml', `  file: ${HERE}wrong/object.yaml`],
  },
  {
    what: 'two solutions',
    rule: 'solution-twice',
    change: [
      '```yaml quiz',
      `${HERE}\`\`\`yaml solution\ncommands: [ls]\n\`\`\`\n\n\`\`\`yaml quiz`,
    ],
  },
  {
    what: 'a file written twice',
    rule: 'duplicate-file',
    change: [
      '## Second step',
      `## Second step\n\n${HERE}\`\`\`yaml\n# close.yaml\nkind: X\n\`\`\``,
    ],
  },
  {
    what: 'points that do not add up',
    rule: 'points',
    change: ['points: 10', `points: ${HERE}11`],
    says: 'add up to 10',
  },
  // Hints
  {
    what: 'a hint that is not closed',
    rule: 'hint-form',
    change: [
      '<details>\n<summary>Hint 5: All of it',
      `${HERE}<details>\n<summary>Hint 5: All of it`,
    ],
  },
  {
    what: 'a hint without a number',
    rule: 'hint-form',
    change: [
      '<details><summary>Hint 1: Look there</summary>',
      `${HERE}<details><summary>Look there</summary>`,
    ],
  },
  {
    what: 'a hint that says nothing',
    rule: 'hint-form',
    change: [
      '<details><summary>Hint 1: Look there</summary>\n\nThere it is.\n',
      `${HERE}<details><summary>Hint 1: Look there</summary>\n`,
    ],
  },
  {
    what: 'a tier that the lab makes',
    rule: 'hint-tier',
    change: ['<details><summary>Hint 1:', `${HERE}<details><summary>Hint 3:`],
  },
  {
    what: 'hints out of order',
    rule: 'hint-tier',
    change: ['<details>\n<summary>Hint 5:', `${HERE}<details>\n<summary>Hint 1:`],
  },
  // Objects
  {
    what: 'broken YAML in the world',
    rule: 'yaml-syntax',
    file: 'world.yaml',
    change: ['kind: Pod', `kind: Pod\n  ${HERE}x: 1`],
    at: '2:7',
  },
  {
    what: 'an object without a name',
    rule: 'missing-field',
    file: 'world.yaml',
    change: ['  name: client\n  labels', `  ${HERE}labels`],
  },
  {
    what: 'a kind that a lesson may not make',
    rule: 'object-kind',
    file: 'world.yaml',
    change: ['kind: Pod', `kind: ${HERE}DaemonSet`],
  },
  {
    what: 'a namespace that is not listed',
    rule: 'object-namespace',
    file: 'world.yaml',
    change: ['  name: client\n  labels', `  ${HERE}name: client\n  namespace: other\n  labels`],
  },
  {
    what: 'a namespace of the cluster',
    rule: 'object-namespace',
    file: 'world.yaml',
    change: [
      '  name: client\n  labels',
      `  ${HERE}name: client\n  namespace: kube-system\n  labels`,
    ],
  },
  {
    what: 'an image of the world that is not listed',
    rule: 'image-unlisted',
    file: 'world.yaml',
    change: ['image: alpine', 'image: busybox'],
    at: '8:3',
  },
]

/** Changes that take the field away which the rule is about, beside the mark. */
const ALSO: Readonly<Record<string, readonly [string, string]>> = {
  'a denial without a control': ['  control: default/other\n', ''],
  'a probe without a port': ['  port: 80\n  control', '  control'],
  'a policy check with nothing to hold it to': ['  sameAs: solution/close.yaml\n', ''],
  'a pod line without a shell': ['-i -t --image=alpine', '--image=alpine'],
  'a hint that is not closed': ['a: 1\n```\n\n</details>', 'a: 1\n```'],
}

function build(broken: Broken) {
  const name = broken.file ?? 'lesson.md'
  let text = name === 'lesson.md' ? SMALL_LESSON : SMALL_WORLD
  for (const change of [broken.change, ALSO[broken.what]]) {
    if (change === undefined) continue
    expect(text).toContain(change[0])
    text = text.replace(change[0], () => change[1])
  }
  const changed = broken.change === undefined ? {} : { [name]: text.replace(HERE, '') }
  const files = smallLesson({ ...changed, ...broken.files }, broken.folder ?? FOLDER)
  return { files, name, at: broken.at ?? placeOf(text) }
}

describe('a broken lesson names file, line, column and rule', () => {
  test.each(BROKEN)('$what: $rule', (broken) => {
    const { files, name, at } = build(broken)
    const problems = checkLesson(parseLesson(files), files)
    const lines = problems.map(formatProblem)
    const wanted = `${broken.folder ?? FOLDER}/${name}:${at}  ${broken.rule}  `
    expect(
      lines.some((line) => line.startsWith(wanted)),
      `${wanted}\n${lines.join('\n')}`,
    ).toBe(true)
    if (broken.says !== undefined) expect(lines.join('\n')).toContain(broken.says)
  })

  test('every sentence ends as one and says what to write', () => {
    for (const broken of BROKEN) {
      const { files } = build(broken)
      for (const problem of checkLesson(parseLesson(files), files)) {
        expect(problem.message).toMatch(/^[A-Z0-9"].*[.?!]$|^Unsupported/s)
        expect(problem.message).not.toMatch(/undefined|\[object|expected string|!/)
      }
    }
  })

  test('all problems are told in one go, in the order of the file', () => {
    const text = SMALL_LESSON.replace('minutes: 5', 'minutes: five')
      .replace('points: 3', 'points: -3')
      .replace('level: beginner', 'level: hard')
    const result = parseLesson(smallLesson({ 'lesson.md': text, 'world.yaml': 'kind: 1\n' }))
    const rules = 'problems' in result ? result.problems.map((problem) => problem.rule) : []
    expect(rules).toEqual([
      'bad-value',
      'wrong-type',
      'bad-value',
      'missing-field',
      'missing-field',
      'wrong-type',
    ])
  })
})

function placeOf(text: string): string {
  const before = text.slice(0, text.indexOf(HERE))
  if (!text.includes(HERE)) throw new Error('mark the place')
  const lines = before.split('\n')
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`
}
