import { describe, expect, it } from 'vitest'
import { LabError } from '../../src/base/errors.ts'
import type { Cluster, ClusterKind } from '../../src/cluster/provider.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { createMemoryProgress } from '../../src/progress/progress-store.ts'
import { type App, createApp } from '../../src/runner/app.ts'
import type { AppPorts, AppSettings } from '../../src/runner/app-ports.ts'
import type { RunEnd, RunSession } from '../../src/runner/run-session.ts'
import type { AppSnapshot } from '../../src/runner/snapshot.ts'
import { smallLesson } from './fixtures/small-lesson.ts'

interface Fake {
  readonly ports: AppPorts
  readonly log: string[]
  readonly saved: AppSettings[]
  endRun: (end: RunEnd) => void
}

function fakePorts(change: Partial<AppPorts> = {}): Fake {
  const log: string[] = []
  const saved: AppSettings[] = []
  const fake: Fake = { log, saved, endRun: () => {}, ports: undefined as never }
  const choice = (
    kind: ClusterKind,
    state: 'ready' | 'not-ready' | 'choice-needed',
    choices: string[] = [],
  ) => ({
    kind,
    title: kind,
    about: kind,
    detect: async () => ({
      state,
      word: state,
      found: `${kind} is ${state}`,
      fixes: [{ label: 'Start it', command: 'start it' }],
      choices,
      ...(state === 'not-ready'
        ? { error: new LabError('ERR_ENGINE_NOT_READY', 'No container engine answers.') }
        : {}),
    }),
  })
  const ports: AppPorts = {
    clusters: [
      choice('simulated', 'ready'),
      choice('kind', 'not-ready'),
      choice('context', 'choice-needed', ['gke-team', 'minikube']),
    ],
    lessons: [
      {
        number: 8,
        id: 'small',
        title: 'A small lesson',
        summary: 'One idea.',
        minutes: 5,
        points: 20,
      },
      { number: 9, id: 'other', title: 'Another', summary: 'Two ideas.', minutes: 5, points: 20 },
    ],
    progress: createMemoryProgress(),
    loadLesson: async () => smallLesson(),
    openCluster: async (kind, options) => {
      log.push(`open ${kind}${options.context === undefined ? '' : ` ${options.context}`}`)
      options.onAction({ id: 'api', title: 'the API answers', state: 'done', seconds: 0.1 })
      return fakeCluster(kind, log)
    },
    openRun: async (lesson) => {
      log.push(`run ${lesson.id}`)
      return fakeRun(fake)
    },
    saveSettings: async (settings) => {
      saved.push(settings)
    },
    clock: { now: () => 0, after: () => () => {}, sleep: async () => {} },
    writeReport: async () => 'report.txt',
    ...change,
  }
  Object.assign(fake, { ports })
  return fake
}

function fakeCluster(kind: ClusterKind, log: string[]): Cluster {
  return {
    kind,
    title: `${kind} cluster`,
    kubeconfig: 'kubeconfig',
    client: {} as KubeClient,
    leaveChoices: [{ id: 'save', label: 'Save and stop it', sentence: 'the next start goes on' }],
    save: async () => {},
    leave: async (choice) => {
      log.push(`leave ${choice}`)
    },
  }
}

function fakeRun(fake: Fake): RunSession {
  const snapshot = {
    step: { number: 3, count: 10, title: 'Allow DNS' },
    workFolder: 'work/08-small',
    lesson: { id: 'small' },
  } as RunSession['snapshot']
  return {
    snapshot,
    state: {} as RunSession['state'],
    console: {} as RunSession['console'],
    files: {} as RunSession['files'],
    send: (action) => {
      fake.log.push(`sent ${action.kind}`)
    },
    tell: (text) => {
      fake.log.push(`told ${text}`)
    },
    subscribe: () => () => {},
    ended: new Promise((resolve) => {
      fake.endRun = resolve
    }),
    idle: async () => {},
    close: async () => {
      fake.log.push('closed')
    },
  }
}

const nothing: AppSettings = { cluster: undefined, context: undefined }

/** Resolves with the snapshot as soon as the app stands at a place that fits. */
function at<P extends AppSnapshot['place']>(
  app: App,
  place: P,
  fits: (snapshot: Extract<AppSnapshot, { place: P }>) => boolean = () => true,
): Promise<Extract<AppSnapshot, { place: P }>> {
  return new Promise((resolve) => {
    const look = () => {
      const { snapshot } = app
      if (snapshot.place !== place || !fits(snapshot as Extract<AppSnapshot, { place: P }>)) return
      stop()
      resolve(snapshot as Extract<AppSnapshot, { place: P }>)
    }
    const stop = app.subscribe(look)
    look()
  })
}

describe('the first start', () => {
  it('shows every kind of cluster and fills in what it finds', async () => {
    const app = createApp({
      ports: fakePorts().ports,
      settings: nothing,
      chosen: undefined,
      lesson: undefined,
    })
    expect(app.snapshot).toMatchObject({ place: 'start-cluster', start: { firstStart: true } })
    const found = await at(app, 'start-cluster', ({ start }) =>
      start.clusters.every((each) => each.word !== undefined),
    )
    expect(found.start.clusters.map((each) => each.found)).toEqual([
      'simulated is ready',
      'kind is not-ready',
      'context is choice-needed',
    ])
    expect(found.start.clusters.map((each) => each.isDefault)).toEqual([true, false, false])
  })

  it('remembers the choice and goes on to the lessons', async () => {
    const fake = fakePorts()
    const app = createApp({
      ports: fake.ports,
      settings: nothing,
      chosen: undefined,
      lesson: undefined,
    })
    app.send({ kind: 'choose-cluster', index: 0 })
    const { list } = await at(app, 'lessons')
    expect(list.lessons.map((lesson) => lesson.state)).toEqual(['new', 'new'])
    expect(fake.saved).toEqual([{ cluster: 'simulated', context: undefined }])
  })

  it('asks which context and then for an explicit yes', async () => {
    const fake = fakePorts()
    const app = createApp({
      ports: fake.ports,
      settings: nothing,
      chosen: undefined,
      lesson: 'small',
    })
    await at(app, 'start-cluster', ({ start }) =>
      start.clusters.every((each) => each.word !== undefined),
    )
    app.send({ kind: 'choose-cluster', index: 2 })
    expect(app.snapshot).toMatchObject({ start: { question: { id: 'context' } } })
    app.send({ kind: 'choose', question: 'context', choice: 1 })
    expect(app.snapshot).toMatchObject({ start: { question: { id: 'consent', marked: 0 } } })
    app.send({ kind: 'choose', question: 'consent', choice: 0 })
    expect(fake.log).toEqual([])
    app.send({ kind: 'choose-cluster', index: 2 })
    app.send({ kind: 'choose', question: 'context', choice: 1 })
    app.send({ kind: 'choose', question: 'consent', choice: 1 })
    await at(app, 'lesson')
    expect(fake.log).toEqual(['open context minikube', 'run small'])
  })

  it('says what is missing for a cluster that is not ready, with ways on', async () => {
    const app = createApp({
      ports: fakePorts().ports,
      settings: nothing,
      chosen: undefined,
      lesson: undefined,
    })
    await at(app, 'start-cluster', ({ start }) =>
      start.clusters.every((each) => each.word !== undefined),
    )
    app.send({ kind: 'choose-cluster', index: 1 })
    const { error } = await at(app, 'error')
    expect(error).toMatchObject({ code: 'ERR_ENGINE_NOT_READY', exitCode: 3 })
    app.send({ kind: 'choose-fix', index: 0 })
    await at(app, 'lessons')
  })
})

describe('opening', () => {
  it('opens the cluster once for several lessons', async () => {
    const fake = fakePorts()
    const app = createApp({
      ports: fake.ports,
      settings: { cluster: 'simulated', context: undefined },
      chosen: undefined,
      lesson: 'small',
    })
    await at(app, 'lesson')
    fake.endRun({ kind: 'lesson', id: 'other' })
    await at(app, 'opening')
    await at(app, 'lesson')
    expect(fake.log).toEqual(['open simulated', 'run small', 'closed', 'run small'])
  })

  it('shows an error with its code, and opens again when told to', async () => {
    let tries = 0
    const fake = fakePorts()
    const openCluster: AppPorts['openCluster'] = async (kind, options) => {
      tries++
      if (tries === 1)
        throw new LabError('ERR_CLUSTER_NOT_ENFORCING', 'It does not enforce.', {
          next: ['Use another plugin.'],
        })
      return fake.ports.openCluster(kind, options)
    }
    const app = createApp({
      ports: { ...fake.ports, openCluster },
      settings: nothing,
      chosen: { kind: 'kind', context: undefined, consent: true },
      lesson: 'small',
    })
    const { error } = await at(app, 'error')
    expect(error).toMatchObject({
      code: 'ERR_CLUSTER_NOT_ENFORCING',
      choices: [
        { label: 'Use the simulated cluster now' },
        { label: 'Try again', note: 'Use another plugin.' },
        {},
        {},
        {},
      ],
    })
    app.send({ kind: 'choose-fix', index: 1 })
    await at(app, 'lesson')
  })

  it('keeps a long report in the details, so that the ways on stay on the screen', async () => {
    const report = Array.from({ length: 12 }, (_, line) => `line ${line} of the report`)
    const openCluster: AppPorts['openCluster'] = async () => {
      throw new LabError('ERR_KIND_FAILED', 'It failed.', { why: report.join('\n') })
    }
    const app = createApp({
      ports: fakePorts({ openCluster }).ports,
      settings: nothing,
      chosen: { kind: 'kind', context: undefined, consent: true },
      lesson: 'small',
    })
    const { error } = await at(app, 'error')
    expect(error.facts[0]?.text.split('\n')).toEqual([
      'line 0 of the report',
      'line 11 of the report',
      'd has the whole report.',
    ])
    expect(error.details).toEqual(expect.arrayContaining(report))
  })

  it('shortens a long report by whole words: what was run, how it ended, what it choked on', async () => {
    const command = `kind create cluster --name netpol-lab ${'--config /a/long/path '.repeat(5)}`
    const choked = `ERROR: ${'the command line again '.repeat(9)}no such host`
    const openCluster: AppPorts['openCluster'] = async () => {
      throw new LabError('ERR_KIND_FAILED', 'It failed.', {
        why: `${command}--wait 120s: exit code 1\nCreating\n${choked}`,
      })
    }
    const app = createApp({
      ports: fakePorts({ openCluster }).ports,
      settings: nothing,
      chosen: { kind: 'kind', context: undefined, consent: true },
      lesson: 'small',
    })
    const { error } = await at(app, 'error')
    const [ran, end] = error.facts[0]?.text.split('\n') ?? []
    expect(ran).toBe('kind create cluster --name netpol-lab … 120s: exit code 1')
    expect(end).toMatch(/^… (the|command|line|again) .* no such host$/)
  })

  it('goes back to the lessons when it is stopped', async () => {
    const openCluster: AppPorts['openCluster'] = (_kind, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      )
    const app = createApp({
      ports: fakePorts({ openCluster }).ports,
      settings: nothing,
      chosen: { kind: 'kind', context: undefined, consent: true },
      lesson: 'small',
    })
    await at(app, 'opening', ({ opening }) => opening.lesson !== undefined)
    app.send({ kind: 'interrupt' })
    await at(app, 'lessons')
  })
})

describe('leaving', () => {
  it('waits until a half-opened cluster has cleaned up after itself', async () => {
    const done: string[] = []
    const openCluster: AppPorts['openCluster'] = (_kind, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          setImmediate(() => {
            done.push('cleaned up')
            reject(signal.reason)
          })
        }),
      )
    const app = createApp({
      ports: fakePorts({ openCluster }).ports,
      settings: nothing,
      chosen: { kind: 'kind', context: undefined, consent: true },
      lesson: 'small',
    })
    await at(app, 'opening', ({ opening }) => opening.lesson !== undefined)
    await app.stop(130)
    done.push('ended')
    expect(done).toEqual(['cleaned up', 'ended'])
  })

  it('closes the run, does what was chosen with the cluster and says how to go on', async () => {
    const fake = fakePorts()
    const app = createApp({
      ports: fake.ports,
      settings: nothing,
      chosen: { kind: 'simulated', context: undefined, consent: true },
      lesson: 'small',
    })
    await at(app, 'lesson')
    fake.endRun({ kind: 'leave', choice: 'save', exitCode: 0 })
    const { exitCode, farewell } = await app.ended
    expect(exitCode).toBe(0)
    expect(fake.log.slice(-2)).toEqual(['closed', 'leave save'])
    expect(farewell).toHaveLength(4)
    // A cluster of the command line is not remembered, so the way back names it.
    expect(farewell.at(-1)).toBe('Go on with: netpol-lab start small --cluster simulated')
  })

  it('leaves with the harmless choice when it is stopped from outside', async () => {
    const fake = fakePorts()
    const app = createApp({
      ports: fake.ports,
      settings: nothing,
      chosen: { kind: 'simulated', context: undefined, consent: true },
      lesson: 'small',
    })
    await at(app, 'lesson')
    await app.stop(130)
    expect(await app.ended).toMatchObject({ exitCode: 130 })
    expect(fake.log.slice(-2)).toEqual(['closed', 'leave save'])
  })
})
