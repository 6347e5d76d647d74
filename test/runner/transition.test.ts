import { describe, expect, it } from 'vitest'
import type { CheckResult, ProbeResult } from '../../src/grading/types.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import type { Flow } from '../../src/policy/types.ts'
import { achieved } from '../../src/progress/achieved.ts'
import type { RunEffect, RunEvent } from '../../src/runner/events.ts'
import { nextEntry, type RunState } from '../../src/runner/state.ts'
import { plain } from '../../src/runner/status-line.ts'
import { transition } from '../../src/runner/transition.ts'
import { runSnapshot } from '../../src/runner/view/run-snapshot.ts'
import { pod } from '../policy/worlds.ts'
import { smallLesson } from './fixtures/small-lesson.ts'

function begin(change: Partial<RunState> = {}): RunState {
  return {
    lesson: smallLesson(),
    asks: true,
    cluster: {
      title: 'simulated cluster',
      leaveChoices: [
        { id: 'save', label: 'Save and stop it', sentence: 'the next start goes on' },
        { id: 'destroy', label: 'Destroy it', sentence: 'all is gone' },
      ],
    },
    workFolder: 'work',
    nextLesson: undefined,
    achieved: achieved([
      { at: '2026-01-01T00:00:00.000Z', kind: 'run-started', cluster: 'simulated cluster' },
    ]),
    stepIndex: 0,
    question: undefined,
    probes: {},
    outputs: {},
    outcome: undefined,
    comparing: undefined,
    console: { place: 'lab', session: undefined, busy: false, line: undefined, item: undefined },
    checks: { running: [] },
    changedFiles: new Set(),
    passedTasks: new Set(),
    last: plain(''),
    said: [],
    finished: false,
    interruptedAt: undefined,
    ...change,
  }
}

class Run {
  state: RunState
  effects: readonly RunEffect[] = []
  now = Date.parse('2026-01-01T00:00:10.000Z')
  constructor(state: RunState = begin()) {
    this.state = state
  }
  /** The lab's own probe is over, its reason picked, its outcome read. */
  outcomeRead(): this {
    return this.on({ kind: 'probe-finished', prediction: 'p-web', result: observed('timeout') })
      .choose(1)
      .enter()
      .enter()
  }
  on(event: RunEvent): this {
    const next = transition(this.state, event, this.now)
    this.state = next.state
    this.effects = next.effects
    return this
  }
  enter(): this {
    return this.on({ kind: 'action', action: { kind: 'enter' } })
  }
  choose(choice: number): this {
    return this.on({ kind: 'action', action: { kind: 'choose', question: '', choice } })
  }
  finished(line: string, place: 'lab' | 'pod' = 'lab', output: readonly string[] = []): this {
    return this.on({
      kind: 'command-finished',
      line,
      place,
      output,
      exitCode: place === 'lab' ? 0 : undefined,
      durationMs: 5,
    })
  }
  opened(): this {
    return this.on({
      kind: 'session-opened',
      session: {
        namespace: 'default',
        pod: 'test',
        openedBy: 'kubectl run --rm --restart=Never --image=alpine -i -t -l app=foo test -- ash',
        tty: true,
      },
    })
  }
  inPod(): this {
    return this.finished('kubectl apply -f deny.yaml').opened()
  }
  kinds(): readonly string[] {
    return this.effects.map((effect) => effect.kind)
  }
  get snapshot() {
    return runSnapshot(this.state)
  }
}

const WGET = 'wget -qO- --timeout 1 http://web:80/'

function observed(outcome: 'dns-failure' | 'timeout' | 'connected', engine = outcome): ProbeResult {
  return {
    kind: 'observed',
    probe: { from: { namespace: 'default', pod: 'test' }, to: 'web', port: 80, protocol: 'TCP' },
    fromPod: 'test',
    facts: { outcome, name: { kind: 'unreachable' }, seconds: 5 },
    engine: { outcome: engine },
  }
}

function checkResult(
  check: string,
  state: CheckResult['state'],
  earned: number,
  points = 5,
): CheckResult {
  return { check, state, points, earned, sentence: `${check} ${state}`, seconds: 0.1 }
}

describe('running a line', () => {
  it('runs the next item on Enter, at its own prompt', () => {
    expect(new Run().enter().effects).toEqual([
      { kind: 'run-line', line: 'kubectl apply -f deny.yaml', place: 'lab' },
    ])
  })

  it('ticks an item that was typed with the same effect', () => {
    const run = new Run().finished('kubectl apply --filename=deny.yaml')
    expect(run.state.achieved.items.has('apply')).toBe(true)
  })

  it('does not tick an item whose command failed', () => {
    const run = new Run().on({
      kind: 'command-finished',
      line: 'kubectl apply -f deny.yaml',
      place: 'lab',
      output: ['error'],
      exitCode: 1,
      durationMs: 1,
    })
    expect(run.state.achieved.items.has('apply')).toBe(false)
  })

  it('ticks the command that opened the shell of a pod while it is still open', () => {
    expect(new Run().inPod().state.achieved.items.has('shell')).toBe(true)
  })

  it('opens the shell again with the command of the lesson when a pod line is next and no shell is open', () => {
    const run = new Run().inPod().on({
      kind: 'session-closed',
      session: { namespace: 'default', pod: 'test', openedBy: '', tty: true },
    })
    expect(run.enter().effects).toEqual([
      {
        kind: 'reopen-session',
        line: 'kubectl run --rm --restart=Never --image=alpine -i -t -l app=foo test -- ash',
        pod: 'test',
      },
    ])
  })

  it('runs a line once, however often Enter comes before it starts', () => {
    const run = new Run().enter()
    expect(run.kinds()).toEqual(['run-line'])
    expect(run.snapshot.enter).toBe('none')
    expect(run.enter().effects).toEqual([])
    const line = 'kubectl apply -f deny.yaml'
    run.on({ kind: 'command-started', line, place: 'lab' }).finished(line)
    run.on({ kind: 'line-settled' })
    expect(run.enter().kinds()).toContain('run-line')
  })

  it('can be asked for again where the line was held, or could not be typed', () => {
    const run = new Run().enter().on({ kind: 'line-settled' })
    expect(run.enter().kinds()).toEqual(['run-line'])
  })

  it('ticks each command of a chain that is proved to have worked', () => {
    const apply = 'kubectl apply -f deny.yaml'
    const done = (line: string) => [...new Run().finished(line).state.achieved.items]
    expect(done(`${apply} && kubectl get pods`)).toEqual(['apply'])
    expect(done(`kubectl get pods; ${apply}`)).toEqual(['apply'])
    expect(done(`${apply}; kubectl get pods`), 'it may have failed').toEqual([])
    expect(done(`kubectl get pods || ${apply}`), 'it may not have run').toEqual([])
  })

  it('says why Enter does nothing while a command runs', () => {
    const run = new Run()
      .on({ kind: 'command-started', line: 'kubectl get pods -w', place: 'lab' })
      .enter()
    expect(run.effects).toEqual([])
    expect(run.state.last).toEqual(plain('kubectl still runs. Ctrl-C stops it.'))
  })
})

describe('predicting', () => {
  const asked = () =>
    new Run().inPod().on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })

  it('holds the line and asks before it runs, whoever typed it', () => {
    const run = asked()
    expect(run.kinds()).not.toContain('release-line')
    expect(run.snapshot.question).toMatchObject({
      kind: 'predict',
      command: WGET,
      marked: undefined,
    })
  })

  it('asks too when another tool opens the same connection', () => {
    const run = new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 1, line: 'nc -w 2 web 80', place: 'pod' })
    expect(run.state.question?.kind).toBe('predict')
  })

  it('records the choice, starts the probe of the lab and releases the line', () => {
    const run = asked().choose(2)
    expect(run.state.achieved.predictions['p-web']).toBe('dns-failure')
    expect(run.kinds()).toEqual(['record', 'run-probe', 'release-line'])
    expect(run.effects.at(-1)).toEqual({ kind: 'release-line', token: 7, verdict: 'run' })
  })

  it('takes the last choice for not sure', () => {
    expect(asked().choose(3).state.achieved.predictions['p-web']).toBe('not sure')
  })

  it('puts the command back at the prompt on Escape, with nothing recorded', () => {
    const run = asked().on({ kind: 'action', action: { kind: 'escape' } })
    expect(run.effects).toEqual([{ kind: 'release-line', token: 7, verdict: 'hold' }])
    expect(run.state.achieved.predictions).toEqual({})
  })

  it('asks nothing in a run that nobody watches', () => {
    const run = new Run(begin({ asks: false }))
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
    expect(run.effects).toEqual([{ kind: 'release-line', token: 7, verdict: 'run' }])
  })

  it('asks a second time for nothing once it was predicted', () => {
    const run = asked()
      .choose(2)
      .finished(WGET, 'pod')
      .on({ kind: 'line-entered', token: 8, line: WGET, place: 'pod' })
    expect(run.effects.at(-1)).toEqual({ kind: 'release-line', token: 8, verdict: 'run' })
  })
})

describe('the outcome', () => {
  const compared = (result: ProbeResult) =>
    new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
      .choose(1)
      .finished(WGET, 'pod', ["wget: bad address 'web:80'"])
      .on({ kind: 'probe-finished', prediction: 'p-web', result })

  it('waits for the command and for the probe of the lab', () => {
    const run = new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
      .choose(1)
    run.on({ kind: 'probe-finished', prediction: 'p-web', result: observed('dns-failure') })
    expect(run.state.outcome).toBeUndefined()
    expect(run.finished(WGET, 'pod').state.outcome).toEqual({ prediction: 'p-web', open: true })
  })

  it('does nothing on Enter before both are over: what comes next could end the probe', () => {
    const run = new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
      .choose(1)
      .finished(WGET, 'pod')
      .enter()
    expect(run.effects).toEqual([])
    expect(run.snapshot.enter).toBe('none')
  })

  it('asks for the reason first, then shows prediction, observation and reason side by side', () => {
    const run = compared(observed('dns-failure'))
    expect(run.snapshot.question).toMatchObject({ kind: 'because' })
    expect(run.snapshot.outcomeOpen).toBe(false)
    run.choose(1).enter()
    expect(run.snapshot.outcomeOpen).toBe(true)
    expect(run.snapshot.outcome).toMatchObject({
      predicted: 'timeout',
      observed: 'dns-failure',
      verdict: 'not as predicted',
    })
  })

  it('gives all points for the first reason, half for the second, then shows the answer', () => {
    const first = compared(observed('dns-failure')).choose(1)
    expect(first.snapshot.score.parts.find((part) => part.name === 'Reasons')?.earned).toBe(4)
    const second = compared(observed('dns-failure')).choose(0).choose(1)
    expect(second.snapshot.score.parts.find((part) => part.name === 'Reasons')?.earned).toBe(2)
    const missed = compared(observed('dns-failure')).choose(0).choose(2)
    expect(missed.snapshot.question).toMatchObject({ answered: { chosen: 2, right: 1 } })
    expect(missed.snapshot.score.parts.find((part) => part.name === 'Reasons')?.earned).toBe(0)
  })

  it('calls a pod of a deployment by the deployment', () => {
    const name = 'coredns-vj9sxtzfvd-cztnp'
    const pods = ['test', name].map((each, index) => pod(each, {}, `10.244.0.${index + 2}`))
    const flow: Flow = {
      from: { kind: 'pod', namespace: 'default', name: 'test' },
      to: { kind: 'pod', namespace: 'default', name },
      protocol: 'UDP',
      port: 53,
    }
    const result = observed('timeout')
    if (result.kind !== 'observed') throw new Error('observed')
    const verdict = evaluate({ pods, namespaces: [], policies: [] }, flow)
    const run = compared({ ...result, engine: { outcome: 'timeout', verdict } })
      .choose(1)
      .enter()
    expect(run.snapshot.outcome?.why[1]).toMatchObject({
      side: 'Entering coredns',
      text: 'no policy selects coredns',
    })
  })

  it('says when the cluster disagrees with the specification', () => {
    const run = compared(observed('connected', 'timeout')).choose(1).enter()
    expect(run.snapshot.outcome?.verdict).toBe('the cluster disagrees with the specification')
  })

  it('says that nothing is graded when the control failed', () => {
    const run = compared({
      kind: 'inconclusive',
      probe: observed('timeout').probe,
      reason: 'bar does not reach web either',
    })
    expect(run.snapshot.question).toBeUndefined()
    expect(run.snapshot.outcome).toMatchObject({
      observed: 'inconclusive',
      verdict: 'nothing is graded',
    })
    // A reason that is not asked for is not missed.
    expect(run.snapshot.score.parts.find((part) => part.name === 'Reasons')?.total).toBe(0)
  })

  it('gives the points of a prediction for making it, right or not', () => {
    expect(
      compared(observed('dns-failure')).snapshot.score.parts.find(
        (part) => part.name === 'Predictions',
      ),
    ).toMatchObject({ earned: 2, total: 2 })
  })
})

describe('checks', () => {
  const ready = () => {
    const run = new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
      .choose(2)
      .finished(WGET, 'pod')
    return run
  }

  it('run by themselves when everything before them is done', () => {
    expect(ready().effects).toContainEqual({ kind: 'run-checks', checks: ['deny', 'guard'] })
  })

  it('wait for the prediction that they would give away', () => {
    const run = new Run().inPod()
    expect(run.kinds()).not.toContain('run-checks')
    expect(run.snapshot.checks[0]).toMatchObject({
      state: 'later',
      note: 'waits for your prediction',
    })
  })

  it('keep what was wanted and seen, and hold the step open while one fails', () => {
    const run = ready().on({
      kind: 'checks-finished',
      results: [checkResult('deny', 'failed', 0), checkResult('guard', 'passed', 1, 1)],
    })
    expect(run.snapshot.checks[0]).toMatchObject({ state: 'failed', sentence: 'deny failed' })
    expect(nextEntry(run.state)?.kind).toBe('checks')
    expect(run.outcomeRead().enter().effects).toContainEqual({
      kind: 'run-checks',
      checks: ['deny', 'guard'],
    })
  })

  it('run again after a command that may have changed the cluster', () => {
    const run = ready().on({
      kind: 'checks-finished',
      results: [checkResult('deny', 'failed', 0), checkResult('guard', 'passed', 1, 1)],
    })
    expect(run.finished('kubectl delete networkpolicy x').effects).toContainEqual({
      kind: 'run-checks',
      checks: ['deny', 'guard'],
    })
  })

  it('leave the total when they are inconclusive', () => {
    const run = ready().on({
      kind: 'checks-finished',
      results: [checkResult('deny', 'inconclusive', 0), checkResult('guard', 'passed', 1, 1)],
    })
    expect(run.snapshot.score.parts[0]).toMatchObject({ earned: 1, total: 6 })
    expect(nextEntry(run.state)?.kind).toBe('quiz')
  })
})

describe('questions and steps', () => {
  const atQuiz = () =>
    new Run()
      .inPod()
      .on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
      .choose(2)
      .finished(WGET, 'pod')
      .on({
        kind: 'checks-finished',
        results: [checkResult('deny', 'passed', 5), checkResult('guard', 'passed', 1, 1)],
      })

  it('counts the first answer to a question', () => {
    const run = atQuiz().outcomeRead().enter().choose(0)
    expect(run.snapshot.question).toMatchObject({
      kind: 'quiz',
      answered: { chosen: 0, right: 1, points: '0 of 3 points.' },
    })
    run.choose(1)
    expect(run.state.achieved.quizzes['q-first']).toHaveLength(1)
  })

  it('goes to the next step on Enter when everything is done', () => {
    const run = atQuiz().outcomeRead().enter().choose(1).enter().enter()
    expect(run.state.stepIndex).toBe(1)
    expect(run.kinds()).toEqual(['record', 'enter-step'])
  })

  it('lets n go on before that, and says what stays open', () => {
    const run = new Run().on({ kind: 'action', action: { kind: 'next-step' } })
    expect(run.state.stepIndex).toBe(1)
    expect(JSON.stringify(run.state.last)).toContain('open')
  })

  it('has a task done when its file changed', () => {
    const run = new Run(begin({ stepIndex: 1 }))
    expect(nextEntry(run.state)?.kind).toBe('task')
    run.on({ kind: 'file-changed', name: 'deny.yaml', differs: true })
    expect(nextEntry(run.state)?.kind).toBe('console')
  })

  it('grades the run after the last step', () => {
    const run = new Run(begin({ stepIndex: 1 }))
      .on({ kind: 'file-changed', name: 'deny.yaml', differs: true })
      .finished('kubectl apply -f deny.yaml')
      .on({ kind: 'checks-finished', results: [checkResult('repaired', 'passed', 5)] })
      .enter()
    expect(run.effects).toEqual([{ kind: 'finish' }])
  })

  it('opens hints in order and records them', () => {
    const run = new Run().on({ kind: 'action', action: { kind: 'open-hint', index: 1 } })
    expect(run.effects).toEqual([])
    run.on({ kind: 'action', action: { kind: 'open-hint', index: 0 } })
    expect(run.effects).toEqual([
      { kind: 'record', record: expect.objectContaining({ kind: 'hint-shown', hint: 0, tier: 1 }) },
    ])
    expect(run.snapshot.hints.map((hint) => hint.state)).toEqual(['open', 'closed'])
  })
})

describe('leaving', () => {
  it('asks, and does what was chosen', () => {
    const run = new Run().on({ kind: 'action', action: { kind: 'ask-leave' } })
    expect(run.snapshot.question).toMatchObject({ kind: 'leave', marked: 0 })
    expect(run.choose(1).effects).toEqual([{ kind: 'leave', choice: 'destroy', exitCode: 0 }])
  })

  it('stays when the last choice is taken', () => {
    const run = new Run().on({ kind: 'action', action: { kind: 'ask-leave' } }).choose(2)
    expect(run.effects).toEqual([])
    expect(run.state.question).toBeUndefined()
  })

  it('leaves at once with the harmless choice when Ctrl-C comes in the question', () => {
    const run = new Run()
      .on({ kind: 'action', action: { kind: 'interrupt' } })
      .on({ kind: 'action', action: { kind: 'interrupt' } })
    expect(run.effects).toEqual([{ kind: 'leave', choice: 'save', exitCode: 130 }])
  })

  it('stops the command that runs instead', () => {
    const run = new Run()
      .on({ kind: 'command-started', line: 'ping google.com', place: 'pod' })
      .on({ kind: 'action', action: { kind: 'interrupt' } })
    expect(run.effects).toEqual([{ kind: 'interrupt-command' }])
  })

  it('says that nothing runs on an empty line, and opens the question for a second one within two seconds', () => {
    const run = new Run().on({ kind: 'nothing-to-interrupt' })
    expect(run.state.last).toEqual(plain('Nothing runs here. Again to leave.'))
    run.now += 1500
    expect(run.on({ kind: 'nothing-to-interrupt' }).state.question?.kind).toBe('leave')
  })
})

describe('pasting', () => {
  it('inserts one line without its prompt', () => {
    const run = new Run().on({
      kind: 'action',
      action: { kind: 'paste', text: '$ kubectl get pods\n' },
    })
    expect(run.effects).toEqual([{ kind: 'paste-line', text: 'kubectl get pods' }])
  })

  it('asks what to do with several lines, a manifest first as a file', () => {
    const run = new Run().on({
      kind: 'action',
      action: { kind: 'paste', text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n' },
    })
    expect(run.snapshot.question).toMatchObject({
      kind: 'paste',
      choices: [{ label: 'Save as a file' }, {}, {}, {}],
    })
    expect(run.choose(0).kinds()).toEqual(['save-paste'])
  })
})

describe('the advice of lint', () => {
  const APPLY = 'kubectl apply -f deny.yaml'
  const answered = (name: string, word = 'created') => [
    `networkpolicy.networking.k8s.io/${name} ${word}`,
  ]
  const remark = {
    policy: 'deny',
    text: 'No pod in namespace default has app=wbe. The policy does nothing.',
  }
  const last = (run: Run) =>
    run.snapshot.last.parts
      .map((part) => (typeof part === 'string' ? part : 'word' in part ? part.word : part.wayTo))
      .join('')
  const linted = (run: Run, ...remarks: (typeof remark)[]) =>
    run.on({ kind: 'policies-linted', remarks })
  const noPrediction = () => new Run(begin({ stepIndex: 1 }))

  it('is asked for policies that a line changed, and for nothing else', () => {
    const run = noPrediction().finished(APPLY, 'lab', [
      ...answered('deny'),
      ...answered('dns', 'configured'),
      ...answered('old', 'unchanged'),
      'service/web created',
    ])
    expect(run.effects).toContainEqual({ kind: 'lint-policies', names: ['deny', 'dns'] })
    for (const [line, output] of [
      ['kubectl delete netpol deny', ['networkpolicy.networking.k8s.io "deny" deleted']],
      ['kubectl get netpol -o name', ['networkpolicy.networking.k8s.io/deny']],
      [APPLY, answered('deny', 'unchanged')],
      [APPLY, answered('deny', 'created (dry run)')],
    ] as const) {
      expect(noPrediction().finished(line, 'lab', output).kinds()).not.toContain('lint-policies')
    }
    const unwatched = new Run(begin({ stepIndex: 1, asks: false }))
    expect(unwatched.finished(APPLY, 'lab', answered('deny')).kinds()).not.toContain(
      'lint-policies',
    )
  })

  it('stands in Last, is said once, and puts nothing into the terminal', () => {
    const run = linted(noPrediction().finished(APPLY, 'lab', answered('deny')), remark, remark)
    expect(last(run)).toBe(
      'deny: No pod in namespace default has app=wbe. The policy does nothing.',
    )
    expect(run.snapshot.said.map(({ text }) => text)).toEqual([
      `Worth a look, deny: ${remark.text} And 1 more. The command lint tells more.`,
    ])
    expect(run.effects).toEqual([])
    run.finished('kubectl get pods', 'lab', ['No resources found'])
    expect(last(run)).toBe('No resources found')
    expect(run.snapshot.said).toHaveLength(1)
  })

  it('says nothing where nothing was found', () => {
    const run = noPrediction().finished(APPLY, 'lab', answered('deny'))
    const before = last(run)
    expect(last(linted(run))).toBe(before)
    expect(run.snapshot.said).toEqual([])
  })

  it('goes along with the line about checks, whichever comes first', () => {
    const results: readonly CheckResult[] = []
    const checking = { checks: { running: ['deny'] } }
    const first = new Run(begin({ stepIndex: 1, ...checking })).finished(
      APPLY,
      'lab',
      answered('deny'),
    )
    linted(first, remark)
    expect(last(first)).toContain('app=wbe')
    first.on({ kind: 'checks-finished', results })
    expect(last(first)).toBe('0 checks ran in 0.0 s: 0 passed   lint: look at deny')
    const after = new Run(begin({ stepIndex: 1, ...checking })).finished(
      APPLY,
      'lab',
      answered('deny'),
    )
    after.on({ kind: 'checks-finished', results })
    linted(after, remark)
    expect(last(after)).toBe('0 checks ran in 0.0 s: 0 passed   lint: look at deny')
    for (const { snapshot } of [first, after]) expect(snapshot.said).toHaveLength(1)
  })

  it('waits while the step still asks what will happen, and comes with what is told then', () => {
    const run = linted(new Run().finished(APPLY, 'lab', answered('deny')), remark)
    expect(last(run)).toBe('networkpolicy.networking.k8s.io/deny created')
    expect(run.snapshot.said).toEqual([])
    run.inPod().on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
    expect(last(run)).not.toContain('lint')
    run.choose(1).finished(WGET, 'pod', ["wget: bad address 'web:80'"])
    run.on({ kind: 'probe-finished', prediction: 'p-web', result: observed('dns-failure') })
    expect(last(run), 'the reason is asked for').not.toContain('lint')
    run.choose(1).enter().enter()
    expect(run.snapshot.said.filter(({ text }) => text.includes('app=wbe'))).toEqual([])
    run.finished('kubectl get pods', 'lab', ['No resources found'])
    expect(last(run)).toBe('No resources found   lint: look at deny')
    expect(run.snapshot.said.filter(({ text }) => text.includes('app=wbe'))).toHaveLength(1)
  })

  it('is forgotten with the policy that it was about', () => {
    const run = linted(new Run().finished(APPLY, 'lab', answered('deny')), remark)
    linted(run.finished(APPLY, 'lab', answered('deny', 'configured')))
    run.inPod().on({ kind: 'line-entered', token: 7, line: WGET, place: 'pod' })
    run.choose(1).finished(WGET, 'pod', ['x'])
    expect(last(run)).not.toContain('lint')
    expect(run.snapshot.said.filter(({ text }) => text.includes('Worth a look'))).toEqual([])
  })
})
