import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { recognise } from '../../src/grading/mistake.ts'
import type { NetworkPolicy } from '../../src/kube/objects.ts'
import { matchesExpected } from '../../src/lessons/expected-output.ts'
import { loadLesson } from '../../src/lessons/load-lesson.ts'
import type {
  Check,
  ConsoleItem,
  Lesson,
  LessonStep,
  Quiz,
  WrongAnswer,
} from '../../src/lessons/model.ts'
import { formatProblem } from '../../src/lessons/problems.ts'
import { readFolder } from '../../src/platform/read-folder.ts'
import { compare } from '../../src/policy/compare.ts'
import type { PolicyPod, PolicyState } from '../../src/policy/types.ts'

const FOLDER = join(import.meta.dirname, '../../lessons/08-deny-egress')

let lesson: Lesson
let texts: ReadonlyMap<string, string>
let source = ''

beforeAll(async () => {
  texts = await readFolder(FOLDER)
  source = texts.get('lesson.md') ?? ''
  const loaded = await loadLesson(FOLDER, { shownAs: 'lessons/08-deny-egress' })
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  lesson = loaded.lesson
})

const items = (step: LessonStep): readonly ConsoleItem[] =>
  step.blocks.flatMap((block) => (block.kind === 'console' ? block.items : []))
const checks = (step: LessonStep): readonly Check[] =>
  step.blocks.flatMap((block) => (block.kind === 'check' ? block.checks : []))
const quizzes = (step: LessonStep): readonly Quiz[] =>
  step.blocks.flatMap((block) => (block.kind === 'quiz' ? [block.quiz] : []))
const stepAt = (number: number): LessonStep => {
  const step = lesson.steps[number - 1]
  if (step === undefined) throw new Error(`no step ${number}`)
  return step
}
const itemAt = (number: number, command: string): ConsoleItem => {
  const item = items(stepAt(number)).find((one) => one.command === command)
  if (item === undefined) throw new Error(`step ${number} has no line ${command}`)
  return item
}

/** The text of a step, or of the introduction, between its heading and the next. */
function prose(number: number): string {
  const parts = source.split(/^## .*$/m)
  return (parts[number] ?? '').replace(/\s+/g, ' ')
}

const META = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'foo-deny-egress' },
}
const DENY = {
  ...META,
  spec: { podSelector: { matchLabels: { app: 'foo' } }, policyTypes: ['Egress'], egress: [] },
}
const DNS = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
]
const ALLOW_DNS = { ...DENY, spec: { ...DENY.spec, egress: [{ ports: DNS }] } }

describe('lesson 08 as a lesson', () => {
  test('breaks no rule', () => {
    expect(lesson).toMatchObject({ number: 8, id: 'deny-egress', level: 'core', minutes: 18 })
  })

  test('has ten steps', () => {
    expect(lesson.steps.map((step) => step.id)).toEqual([
      'a-web-server-to-talk-to',
      'deny-egress',
      'what-may-be-left-out',
      'try-it',
      'why-a-bad-address',
      'allow-dns',
      'the-same-calls-again',
      'ping-and-leave-the-pod',
      'who-else-answers-on-port-53',
      'clean-up',
    ])
  })

  test('gives 100 points by the score model', () => {
    expect(lesson.points).toEqual({ result: 50, reason: 20, prediction: 10, recall: 20 })
  })

  test('checks something in every step', () => {
    for (const step of lesson.steps) expect(checks(step).length, step.title).toBeGreaterThan(0)
  })

  test('asks for a reason after every prediction, three or four to choose from', () => {
    for (const step of lesson.steps) {
      for (const { prediction } of items(step)) {
        if (prediction === undefined) continue
        expect(prediction.because?.choices.length, prediction.id).toBeGreaterThanOrEqual(3)
        expect(prediction.because?.choices.length, prediction.id).toBeLessThanOrEqual(4)
      }
    }
  })

  test('does not have the right choice always in the same place', () => {
    const places = lesson.steps.flatMap((step) => [
      ...quizzes(step).map((quiz) => quiz.choices.findIndex((choice) => choice.right)),
      ...items(step).flatMap(
        ({ prediction }) => prediction?.because?.choices.findIndex((choice) => choice.right) ?? [],
      ),
    ])
    for (const place of [0, 1, 2, 3])
      expect(places.filter((one) => one === place).length).toBeGreaterThan(1)
  })

  test('has no Service that would send callers to the pod of the learner', () => {
    const made = { app: 'foo' }
    for (const object of lesson.world) {
      if (object.kind !== 'Service' || object.metadata.namespace !== undefined) continue
      const { selector } = Object(object.spec)
      expect(
        Object.entries(selector).every(([key, value]) => Reflect.get(made, key) === value),
        object.metadata.name,
      ).toBe(false)
    }
  })

  test('has hints in four tiers where a policy is written', () => {
    for (const step of lesson.steps) {
      const writes = step.blocks.some((block) => block.kind === 'task')
      expect(
        step.hints.map((hint) => hint.tier),
        step.title,
      ).toEqual(writes ? [1, 2, 4, 5] : [])
      expect(step.solution !== undefined, step.title).toBe(writes)
    }
  })

  test('asks two questions at the end', () => {
    expect(quizzes(stepAt(10)).map((quiz) => quiz.points)).toEqual([5, 5])
  })

  test('probes with tools that the images have', () => {
    const clients = new Set(['bar', 'foo-srv', 'test'])
    for (const check of lesson.steps.flatMap(checks)) {
      if (check.kind !== 'probe') continue
      expect(clients.has(check.probe.from.pod ?? ''), check.id).toBe(true)
      if (check.probe.control !== undefined)
        expect(clients.has(check.probe.control.pod ?? ''), check.id).toBe(true)
    }
  })

  test('gives no predicted outcome away in the prose, title or check titles of its step', () => {
    const told: readonly (readonly [step: number, words: RegExp])[] = [
      [2, /still (reach|answer)|can still be called/],
      [3, /the opposite|not governed|closed and/],
      [4, /bad address|looked up|no answer/],
      [5, /time(d )?\s?out|dropped/],
      [7, /time(d )?\s?out|do not connect|connections do not|still no/],
      [8, /nothing (more )?comes|no answer comes|silent/],
      [9, /any host|everybody|anybody/],
    ]
    for (const [number, words] of told) {
      const step = stepAt(number)
      const shown = (source.split(/^## .*$/m)[number] ?? '').replace(/^```[\s\S]*?^```$/gm, '')
      const gated = checks(step).filter((check) => check.after !== undefined)
      const texts = [
        step.title,
        shown.replace(/<details>[\s\S]*?<\/details>/g, ''),
        ...gated.map((check) => check.title),
      ]
      for (const text of texts) expect(text.replace(/\s+/g, ' '), step.title).not.toMatch(words)
    }
  })

  test('speaks calmly', () => {
    const words = source.replace(/```[\s\S]*?```/g, (block) =>
      block.startsWith('```yaml\n') || block.startsWith('```console') ? '' : block,
    )
    expect(words).not.toMatch(/\b(simply|just|easy|easily|obviously)\b/i)
    expect(words.replace(/<!--/g, '')).not.toMatch(/!/)
    for (const line of source.split('\n')) {
      if (/^[A-Z`$/-]/.test(line)) expect(line.length, line).toBeLessThanOrEqual(76)
    }
  })
})

describe('lesson 08 covers the recipe', () => {
  /** For each fact the steps where it is met and what shows it there. */
  const FACTS: readonly (readonly [fact: number, step: number, shown: () => unknown])[] = [
    [1, 0, () => expect(lesson.title).toBe('Deny egress traffic from an application')],
    [2, 0, () => expect(prose(0)).toMatch(/nobody outside|anybody outside its own pod/)],
    [3, 0, () => expect(prose(0)).toMatch(/database.*single instance/)],
    [4, 0, () => expect(prose(0)).toContain('1.8.4-gke.0')],
    [5, 1, () => itemAt(1, 'kubectl run web --image=nginx --port 80 --expose --labels app=web')],
    [
      6,
      1,
      () =>
        expect(
          itemAt(1, 'kubectl run web --image=nginx --port 80 --expose --labels app=web').expected,
        ).toEqual(['service/web created', 'pod/web created']),
    ],
    [
      6,
      1,
      () =>
        expect(source).toContain(
          'kubectl run --generator=run-pod/v1 web --image=nginx --port 80 --expose',
        ),
    ],
    [7, 2, () => itemAt(2, 'kubectl apply -f foo-deny-egress.yaml')],
    [8, 2, () => expect(fileOf(2, 'foo-deny-egress.yaml')).toEqual(DENY)],
    [
      9,
      2,
      () =>
        expect(itemAt(2, 'kubectl apply -f foo-deny-egress.yaml').expected).toEqual([
          'networkpolicy.networking.k8s.io/foo-deny-egress created',
        ]),
    ],
    [10, 2, () => expect(quizIds(2)).toContain('line-pod-selector')],
    [11, 2, () => expect(quizIds(2)).toContain('line-policy-types')],
    [12, 2, () => expect(quizIds(2)).toContain('line-egress')],
    [
      13,
      3,
      () =>
        expect(fileOf(3, 'foo-deny-egress-short.yaml')).toEqual({
          ...DENY,
          spec: without(DENY.spec, 'egress'),
        }),
    ],
    [13, 3, () => itemAt(3, 'compare foo-deny-egress.yaml foo-deny-egress-short.yaml')],
    [
      13,
      3,
      () =>
        expect(fileOf(3, 'foo-deny-egress-no-types.yaml')).toEqual({
          ...DENY,
          spec: without(DENY.spec, 'policyTypes'),
        }),
    ],
    [
      14,
      4,
      () =>
        itemAt(4, 'kubectl run --rm --restart=Never --image=alpine -i -t -l app=foo test -- ash'),
    ],
    [
      15,
      4,
      () =>
        expect(itemAt(4, 'wget -qO- --timeout 1 http://web:80/').expected).toEqual([
          "wget: bad address 'web:80'",
        ]),
    ],
    [
      16,
      4,
      () =>
        expect(itemAt(4, 'wget -qO- --timeout 1 http://www.example.com/').expected).toEqual([
          "wget: bad address 'www.example.com'",
        ]),
    ],
    [
      17,
      5,
      () =>
        expect(itemAt(5, 'wget -qO- --timeout 1 http://$WEB_SERVICE_HOST:80/').expected).toEqual([
          'wget: download timed out',
        ]),
    ],
    [18, 5, () => expect(prose(5)).toMatch(/kube-dns.*pods of the cluster.*Your policy stops it/)],
    [19, 6, () => expect(solutionOf(6)).toEqual(ALLOW_DNS)],
    [
      19,
      6,
      () =>
        expect(itemAt(6, 'kubectl apply -f foo-deny-egress.yaml').expected).toEqual([
          'networkpolicy.networking.k8s.io/foo-deny-egress configured',
        ]),
    ],
    [20, 6, () => expect(stepAt(6).solution?.files[0]?.text).toContain('# allow DNS resolution\n')],
    [
      21,
      7,
      () =>
        expect(itemAt(7, 'wget --timeout 1 -O- http://web').expected).toEqual([
          'Connecting to web ([..]:80)',
          'wget: download timed out',
        ]),
    ],
    [
      22,
      7,
      () =>
        expect(itemAt(7, 'wget --timeout 1 -O- http://www.example.com').expected).toEqual([
          'Connecting to www.example.com ([..]:80)',
          'wget: download timed out',
        ]),
    ],
    [
      23,
      8,
      () =>
        expect(itemAt(8, 'ping google.com')).toMatchObject({
          interrupt: true,
          expected: [
            'PING google.com ([..]): 56 data bytes',
            '^C',
            '--- google.com ping statistics ---',
            expect.any(String),
          ],
        }),
    ],
    [24, 8, () => itemAt(8, 'exit')],
    [
      25,
      9,
      () =>
        expect(items(stepAt(9)).flatMap(({ prediction }) => prediction?.probe.to ?? [])).toEqual([
          'lighthouse.watch',
          'dns.google',
        ]),
    ],
    [
      26,
      10,
      () =>
        expect(itemAt(10, 'kubectl delete pod,service web').expected).toEqual([
          'pod "web" deleted',
          'service "web" deleted',
        ]),
    ],
    [
      26,
      10,
      () =>
        expect(itemAt(10, 'kubectl delete networkpolicy foo-deny-egress').expected).toEqual([
          'networkpolicy.networking.k8s.io "foo-deny-egress" deleted',
        ]),
    ],
  ]

  test.each(FACTS)('fact %i in step %i', (_fact, _step, shown) => {
    shown()
  })

  test('each of the 26 facts, in the step that the table for people names', () => {
    const rows = [...(texts.get('README.md') ?? '').matchAll(/^\| (\d+) \| (.+?) \| (.+?) \|$/gm)]
    expect(rows.map((row) => Number(row[1]))).toEqual(
      Array.from({ length: 26 }, (_, index) => index + 1),
    )
    for (const [fact, step] of FACTS) {
      const where = rows.find((row) => Number(row[1]) === fact)?.[3] ?? ''
      expect(where, `fact ${fact}`).toMatch(step === 0 ? /^intro/ : new RegExp(`^step ${step}\\b`))
    }
    expect(new Set(FACTS.map(([fact]) => fact)).size).toBe(26)
  })

  test('asks for a prediction before each probe of a new state', () => {
    const asked = lesson.steps.map(
      (step) => items(step).filter((item) => item.prediction !== undefined).length,
    )
    expect(asked).toEqual([0, 1, 1, 2, 1, 0, 2, 1, 2, 0])
  })

  test('keeps the shell of the pod open from step 4 to step 8', () => {
    const places = lesson.steps.map((step) => new Set(items(step).map((item) => item.place)))
    expect(places.map((place) => place.has('pod'))).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
      true,
      true,
      false,
      false,
    ])
    expect(itemAt(6, 'kubectl apply -f foo-deny-egress.yaml').place).toBe('lab')
    expect(items(stepAt(8)).at(-1)?.command).toBe('exit')
  })
})

/** Excerpts of what BusyBox 1.37 printed in a network namespace with the same policies, as recorded. */
const RECORDED: readonly (readonly [step: number, command: string, printed: readonly string[]])[] =
  [
    [
      1,
      'kubectl exec bar -- wget -qO- --timeout 1 http://web:80/',
      ['<!DOCTYPE html>', '<html>', '<head>', '<title>Welcome to nginx!</title>', '</head>'],
    ],
    [4, 'wget -qO- --timeout 1 http://web:80/', ["wget: bad address 'web:80'"]],
    [4, 'wget -qO- --timeout 1 http://www.example.com/', ["wget: bad address 'www.example.com'"]],
    [
      5,
      'nslookup web.default.svc.cluster.local',
      [';; connection timed out; no servers could be reached', ''],
    ],
    [5, 'wget -qO- --timeout 1 http://$WEB_SERVICE_HOST:80/', ['wget: download timed out']],
    [
      7,
      'wget --timeout 1 -O- http://web',
      ['Connecting to web (10.96.120.15:80)', 'wget: download timed out'],
    ],
    [
      7,
      'wget --timeout 1 -O- http://www.example.com',
      ['Connecting to www.example.com (93.184.216.34:80)', 'wget: download timed out'],
    ],
    [
      8,
      'ping google.com',
      [
        'PING google.com (74.125.129.101): 56 data bytes',
        '',
        '--- google.com ping statistics ---',
        '3 packets transmitted, 0 packets received, 100% packet loss',
        '',
      ],
    ],
  ]

describe('the expected output of lesson 08', () => {
  test.each(RECORDED)('step %i: %s fits what BusyBox printed', (step, command, printed) => {
    expect(matchesExpected(itemAt(step, command).expected, printed)).toEqual({ matched: true })
  })
})

describe('the answers of lesson 08', () => {
  const pod = (
    namespace: string,
    name: string,
    labels: Record<string, string>,
    last: number,
  ): PolicyPod => ({
    namespace,
    name,
    labels,
    ips: [`10.244.0.${last}`],
    ports: [],
  })
  const PODS = [
    pod('default', 'bar', { app: 'bar' }, 2),
    pod('default', 'foo-srv', { app: 'foo' }, 3),
    pod('default', 'web', { app: 'web' }, 4),
    pod('default', 'test', { app: 'foo' }, 5),
    pod('watch', 'lighthouse', { app: 'lighthouse' }, 6),
    pod('watch', 'decoy-dns', { 'k8s-app': 'kube-dns' }, 7),
    pod('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' }, 8),
  ]

  function world(policies: readonly NetworkPolicy[]): PolicyState {
    const named = policies.map((policy) => ({
      ...policy,
      metadata: { namespace: 'default', ...policy.metadata },
    }))
    const namespaces = ['default', 'watch', 'kube-system'].map((name) => ({
      name,
      labels: { 'kubernetes.io/metadata.name': name },
    }))
    return { namespaces, pods: PODS, policies: named }
  }

  const referenceOf = (step: LessonStep, id: string): readonly NetworkPolicy[] => {
    const check = checks(step).find((one) => one.id === id)
    return check?.kind === 'policy' ? (check.sameAs?.policies ?? []) : []
  }

  test('list the six mistakes that the course wants, and more', () => {
    const mistakes = lesson.steps.flatMap((step) =>
      step.wrongAnswers.map((answer) => answer.mistake),
    )
    for (const id of [
      'types-missing',
      'wrong-subject',
      'empty-means-all',
      'dns-one-protocol',
      'rule-split',
      'own-ns-only',
    ])
      expect(mistakes).toContain(id)
    expect(mistakes.length).toBeGreaterThanOrEqual(18)
  })

  test('each have a sentence in the check that they name', () => {
    for (const step of lesson.steps) {
      for (const answer of step.wrongAnswers) {
        const check = checks(step).find((one) => one.id === answer.check)
        const sentences =
          check?.mistakes
            .filter((mistake) => mistake.id === answer.mistake)
            .map((mistake) => mistake.sentence) ?? []
        expect(
          sentences.some((sentence) => sentence.includes(answer.says)),
          answer.file,
        ).toBe(true)
      }
    }
  })

  test('differ from the reference when wrong, by a connection', () => {
    for (const step of lesson.steps) {
      for (const answer of step.wrongAnswers) {
        const { same } = compare(world(referenceOf(step, answer.check)), world(policiesIn(answer)))
        expect(same, answer.file).toBe(false)
      }
    }
  })

  test('are recognised, each with its own sentence', () => {
    for (const step of lesson.steps) {
      for (const answer of step.wrongAnswers) {
        const check = checks(step).find((one) => one.id === answer.check)
        const found =
          check && recognise(check, { state: world(policiesIn(answer)), denySignature: 'timeout' })
        expect([answer.file, found?.id], found?.sentence).toEqual([answer.file, answer.mistake])
        expect(found?.sentence).toContain(answer.says)
      }
    }
  })

  const KUBE_SYSTEM = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  }
  const KUBE_DNS = { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }
  const UNLISTED: readonly (readonly [
    what: string,
    check: string,
    spec: object,
    mistake: string,
  ])[] = [
    ['no policy at all', 'policy-deny', {}, 'no-pod-selected'],
    [
      'a rule for one peer',
      'policy-deny',
      { egress: [{ to: [{ podSelector: {} }] }] },
      'empty-means-all',
    ],
    ['a port more', 'policy-dns', { egress: [{ ports: [...DNS, { port: 80 }] }] }, 'port-wide'],
    ['the rule in a file that was not applied', 'policy-dns', { egress: [] }, 'dns-missing'],
    [
      'the narrow rule before its time',
      'policy-dns',
      { egress: [{ to: [{ ...KUBE_SYSTEM, ...KUBE_DNS }], ports: DNS }] },
      'other',
    ],
    [
      'two items the other way round',
      'policy-narrow',
      { egress: [{ to: [KUBE_DNS, KUBE_SYSTEM], ports: DNS }] },
      'and-or',
    ],
    [
      'both selectors, one protocol',
      'policy-narrow',
      {
        egress: [{ to: [{ ...KUBE_SYSTEM, ...KUBE_DNS }], ports: [{ port: 53, protocol: 'UDP' }] }],
      },
      'dns-one-protocol',
    ],
    [
      'a label that the namespace lacks',
      'policy-narrow',
      {
        egress: [
          {
            to: [{ namespaceSelector: { matchLabels: { name: 'kube-system' } }, ...KUBE_DNS }],
            ports: DNS,
          },
        ],
      },
      'label-logic',
    ],
    ['the rule as it was', 'policy-narrow', { egress: [{ ports: DNS }] }, 'deny-thinking'],
    ['no ports', 'policy-narrow', { egress: [{}] }, 'port-wide'],
  ]

  test.each(UNLISTED)('are recognised when nobody listed them: %s', (_what, id, spec, mistake) => {
    const check = lesson.steps.flatMap(checks).find((one) => one.id === id)
    const policies = Object.keys(spec).length === 0 ? [] : [policy(spec)]
    expect(
      check && recognise(check, { state: world(policies), denySignature: 'timeout' })?.id,
    ).toBe(mistake)
  })

  test('are not held against somebody who writes the solution in another way', () => {
    const peers = {
      ...KUBE_SYSTEM,
      podSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] },
    }
    const [udp, tcp] = DNS.map((port) => ({ to: [peers], ports: [port] }))
    const actual = world([policy({ egress: [udp, tcp] })])
    expect(compare(world(referenceOf(stepAt(9), 'policy-narrow')), actual).same).toBe(true)
  })

  test('mean the same as the reference when they are the solution', () => {
    for (const [number, id] of [
      [6, 'policy-dns'],
      [9, 'policy-narrow'],
    ] as const) {
      expect(solutionOf(number)).toEqual(without(referenceOf(stepAt(number), id)[0] ?? {}, 'none'))
    }
    const short: NetworkPolicy = parse(texts.get('solution/deny.yaml') ?? '')
    const { same } = compare(
      world(referenceOf(stepAt(2), 'policy-deny')),
      world([{ ...short, spec: without(short.spec, 'egress') }]),
    )
    expect(same).toBe(true)
  })
})

function policiesIn(answer: WrongAnswer): readonly NetworkPolicy[] {
  return answer.objects.filter(
    (object): object is NetworkPolicy & typeof object => object.kind === 'NetworkPolicy',
  )
}

function policy(spec: object): NetworkPolicy {
  const text = JSON.stringify({ ...META, spec: { ...without(DENY.spec, 'egress'), ...spec } })
  return parse(text)
}

function fileOf(step: number, name: string): unknown {
  const file = stepAt(step).blocks.find((block) => block.kind === 'file' && block.name === name)
  return file?.kind === 'file' ? parse(file.text) : undefined
}

function solutionOf(step: number): unknown {
  return parse(stepAt(step).solution?.files[0]?.text ?? '')
}

function quizIds(step: number): readonly string[] {
  return quizzes(stepAt(step)).map((quiz) => quiz.id)
}

function without<T extends object>(value: T, field: string): T {
  const copy = { ...value }
  Reflect.deleteProperty(copy, field)
  return copy
}
