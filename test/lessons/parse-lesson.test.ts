import { describe, expect, test } from 'vitest'
import { checkLesson } from '../../src/lessons/check-lesson.ts'
import type { ConsoleItem, Lesson } from '../../src/lessons/model.ts'
import { parseLesson } from '../../src/lessons/parse-lesson.ts'
import { formatProblem } from '../../src/lessons/problems.ts'
import { SMALL_LESSON, smallLesson } from './small-lesson.ts'

function parsed(files = smallLesson()): Lesson {
  const result = parseLesson(files)
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.lesson
}

function items(lesson: Lesson): readonly ConsoleItem[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'console' ? block.items : [])),
  )
}

function lineOf(text: string): number {
  const at = SMALL_LESSON.split('\n').findIndex((line) => line.includes(text))
  if (at === -1) throw new Error(`no line ${text}`)
  return at + 1
}

describe('a lesson', () => {
  test('takes number and id from the folder, the rest from front matter', () => {
    const lesson = parsed()
    expect(lesson).toMatchObject({
      format: 1,
      number: 1,
      id: 'small',
      title: 'A small lesson',
      level: 'beginner',
      minutes: 5,
      needs: { images: ['alpine'], namespaces: ['default'] },
      shown: [{ text: 'everything was seen', checks: ['client-there'] }],
    })
    expect(lesson.shortTitle).toBeUndefined()
  })

  test('has prose before the first step and a step for each second heading', () => {
    const lesson = parsed()
    expect(lesson.intro.map((block) => block.kind)).toEqual(['prose'])
    expect(lesson.steps.map(({ id, number, title }) => [id, number, title])).toEqual([
      ['first-step', 1, 'First step'],
      ['second-step', 2, 'Second step'],
    ])
    expect(lesson.steps[0]?.at).toEqual({
      file: 'lessons/01-small/lesson.md',
      line: lineOf('## First step'),
      column: 1,
    })
  })

  test('keeps the blocks of a step in the order of the document', () => {
    const [first, second] = parsed().steps
    expect(first?.blocks.map((block) => block.kind)).toEqual([
      'prose',
      'file',
      'console',
      'console',
      'check',
    ])
    expect(second?.blocks.map((block) => block.kind)).toEqual(['task', 'check', 'quiz'])
  })

  test('adds up its points by kind', () => {
    expect(parsed().points).toEqual({ result: 6, reason: 1, prediction: 2, recall: 1 })
  })

  test('has the objects of world.yaml, and none where that holds comments only', () => {
    expect(parsed().world.map((object) => object.metadata.name)).toEqual(['client'])
    expect(parsed(smallLesson({ 'world.yaml': '# nothing\n---\n' })).world).toEqual([])
  })

  test('reads the same with Windows line ends and a byte order mark', () => {
    const windows = parsed(
      smallLesson({ 'lesson.md': `\uFEFF${SMALL_LESSON.replaceAll('\n', '\r\n')}` }),
    )
    expect(windows).toEqual(parsed())
  })

  test('breaks no rule when it is well made', () => {
    const files = smallLesson()
    expect(checkLesson(parseLesson(files), files)).toEqual([])
  })
})

describe('a console block', () => {
  test('tells lab lines, pod lines and expected output apart', () => {
    expect(items(parsed()).map(({ place, command }) => `${place} ${command}`)).toEqual([
      'lab kubectl apply -f close.yaml',
      'lab kubectl run --rm -i -t --image=alpine test -- ash',
      'pod wget -qO- http://web',
      'pod ping web',
      'pod exit',
    ])
  })

  test('drops empty lines at the end of the expected output', () => {
    expect(items(parsed()).map((item) => item.expected)).toEqual([
      ['networkpolicy.networking.k8s.io/close created'],
      [],
      ['wget: download timed out'],
      ['PING web ([..]): 56 data bytes', '^C'],
      [],
    ])
  })

  test('marks a program that goes on until Ctrl-C', () => {
    expect(items(parsed()).map((item) => item.interrupt)).toEqual([
      false,
      false,
      false,
      true,
      false,
    ])
  })

  test('gives each line an id that counts in its step, and its place', () => {
    expect(items(parsed()).map((item) => item.id)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `first-step-${n}`),
    )
    expect(items(parsed())[3]?.at).toEqual({
      file: 'lessons/01-small/lesson.md',
      line: lineOf('/ # ping web'),
      column: 1,
    })
  })

  test('takes the prediction before it to its first line', () => {
    const predictions = items(parsed()).map((item) => item.prediction?.id)
    expect(predictions).toEqual([undefined, undefined, 'predict-web', undefined, undefined])
    expect(items(parsed())[2]?.prediction).toMatchObject({
      probe: {
        from: { namespace: 'default', pod: 'client' },
        to: 'web',
        port: 80,
        protocol: 'TCP',
      },
      choices: [
        { outcome: 'connected', text: 'it works' },
        { outcome: 'timeout', text: 'it does not' },
      ],
      points: 2,
      because: { points: 1, choices: [{ right: true }, { right: false }] },
    })
  })
})

describe('the graded blocks', () => {
  test('become checks with their mistakes and their place', () => {
    const check = parsed().steps[0]?.blocks.find((block) => block.kind === 'check')
    expect(check?.kind === 'check' ? check.checks[1] : undefined).toMatchObject({
      id: 'client-closed',
      kind: 'probe',
      probe: {
        from: { namespace: 'default', labels: { app: 'client' } },
        control: { namespace: 'default', pod: 'other' },
        protocol: 'TCP',
      },
      expect: 'blocked',
      guard: false,
      after: 'predict-web',
      mistakes: [
        {
          id: 'wrong-subject',
          when: { kind: 'outcome', outcome: 'connected' },
          sentence: 'It still connects.',
        },
      ],
      at: { line: lineOf('- id: client-closed'), column: 3 },
    })
  })

  test('name policies, wrong answers and solutions that are read from files beside the lesson', () => {
    const step = parsed().steps[1]
    const check = step?.blocks.find((block) => block.kind === 'check')
    expect(check?.kind === 'check' ? check.checks[0] : undefined).toMatchObject({
      kind: 'policy',
      sameAs: { file: 'solution/close.yaml', policies: [{ kind: 'NetworkPolicy' }] },
    })
    expect(step?.wrongAnswers).toMatchObject([
      { mistake: 'wrong-subject', check: 'policy-right', objects: [{ kind: 'NetworkPolicy' }] },
    ])
    expect(step?.solution).toMatchObject({
      files: [{ name: 'close.yaml' }],
      commands: ['kubectl apply -f close.yaml'],
    })
    expect(step?.solution?.files[0]?.text).toContain('kind: NetworkPolicy')
  })

  test('read hints in their tiers, with their Markdown, and show no hint as prose', () => {
    const step = parsed().steps[1]
    expect(step?.hints.map(({ tier, title }) => [tier, title])).toEqual([
      [1, 'Look there'],
      [5, 'All of it'],
    ])
    expect(step?.hints[1]?.blocks.map((node) => node.type)).toEqual(['paragraph', 'code'])
    expect(step?.blocks.some((block) => block.kind === 'prose')).toBe(false)
  })

  test('keep the line with the name in a file of the work folder', () => {
    const file = parsed().steps[0]?.blocks.find((block) => block.kind === 'file')
    expect(
      file?.kind === 'file'
        ? [file.name, file.text.split('\n')[0], file.text.endsWith('{}\n')]
        : [],
    ).toEqual(['close.yaml', '# close.yaml', true])
  })
})
