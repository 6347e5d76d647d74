import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, MERGE, untilTrue } from '../support/changes.ts'
import { openTestCluster, PODS, type TestCluster } from '../support/cluster.ts'

const JOBS = '/apis/batch/v1/namespaces/default/jobs'
const CRONS = '/apis/batch/v1/namespaces/default/cronjobs'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const jobOf = (command: readonly string[], spec: object = {}, restartPolicy = 'Never') => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'work' },
  spec: {
    ...spec,
    template: { spec: { restartPolicy, containers: [{ name: 'a', image: 'alpine', command }] } },
  },
})
const condition = (type: string, status = 'True') =>
  cluster.until(JOBS, ({ object }) =>
    object.status?.conditions?.some(
      (entry: { type: string; status: string }) => entry.type === type && entry.status === status,
    ),
  )
const podList = async () => (await cluster.send('GET', PODS)).body.items

describe('a job', () => {
  it('is complete when its pod has succeeded', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '0']))
    const { object } = await condition('Complete')
    expect(object.status).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      startTime: expect.any(String),
      completionTime: expect.any(String),
    })
    expect(object.status.active).toBeUndefined()
    expect(
      object.status.conditions.map((entry: { type: string; reason: string; message: string }) => [
        entry.type,
        entry.reason,
        entry.message,
      ]),
    ).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods'],
      ['Complete', 'CompletionsReached', 'Reached expected number of succeeded pods'],
    ])
    const [pod] = await podList()
    expect(pod.metadata.finalizers).toBeUndefined()
    expect(pod.metadata.ownerReferences[0]).toMatchObject({ kind: 'Job', name: 'work' })
    expect(await eventsOf(cluster, 'Job', 'work')).toEqual([
      `Normal SuccessfulCreate Created pod: ${pod.metadata.name}`,
      'Normal Completed Job completed',
    ])
  })

  it('runs as many at once as its parallelism says, until all completions are there', async () => {
    let most = 0
    await cluster.send('POST', JOBS, jobOf(['exit', '0'], { completions: 5, parallelism: 2 }))
    await cluster.until(JOBS, ({ object }) => {
      most = Math.max(most, object.status?.active ?? 0)
      return object.status?.succeeded === 5
    })
    expect(most).toBe(2)
    await condition('Complete')
    expect(await podList()).toHaveLength(5)
  })

  it('fails when its pods have failed too often, and waits longer before each new one', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '1'], { backoffLimit: 2 }))
    const { object } = await condition('Failed')
    expect(object.status).toMatchObject({ failed: 3 })
    expect(object.status.conditions.at(-1)).toMatchObject({
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    })
    const times = (await podList())
      .map((pod: { metadata: { creationTimestamp: string } }) =>
        Date.parse(pod.metadata.creationTimestamp),
      )
      .sort()
    expect(times[1] - times[0]).toBeGreaterThanOrEqual(10_000)
    expect(times[2] - times[1]).toBeGreaterThanOrEqual(20_000)
    expect((await eventsOf(cluster, 'Job', 'work')).at(-1)).toBe(
      'Warning BackoffLimitExceeded Job has reached the specified backoff limit',
    )
  })

  it('starts containers again in the same pod where the policy is OnFailure, up to the limit', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '1'], { backoffLimit: 2 }, 'OnFailure'))
    const { object } = await condition('Failed')
    expect(object.status.conditions.at(-1).reason).toBe('BackoffLimitExceeded')
    await untilTrue(cluster, async () => (await podList()).length === 0)
  })

  it('fails at its deadline and stops its pods', async () => {
    await cluster.send('POST', JOBS, jobOf(['sleep'], { activeDeadlineSeconds: 60 }))
    await cluster.until(PODS, ({ object }) => object.status.phase === 'Running')
    const { object } = await condition('Failed')
    expect(object.status.conditions.at(-1)).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    })
    await untilTrue(cluster, async () => (await podList()).length === 0)
  })

  it('gives each pod of an indexed job its index', async () => {
    await cluster.send(
      'POST',
      JOBS,
      jobOf(['exit', '0'], { completions: 3, parallelism: 3, completionMode: 'Indexed' }),
    )
    const { object } = await condition('Complete')
    expect(object.status.completedIndexes).toBe('0-2')
    const pods = await podList()
    expect(pods.map((pod: { spec: { hostname: string } }) => pod.spec.hostname).sort()).toEqual([
      'work-0',
      'work-1',
      'work-2',
    ])
    const [first] = pods
    expect(first.spec.containers[0].env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        value: first.metadata.annotations['batch.kubernetes.io/job-completion-index'],
      },
    ])
    expect(first.metadata.name).toMatch(/^work-\d-[a-z0-9]{5}$/)
  })

  it('stops while it is suspended, and starts afresh', async () => {
    await cluster.send('POST', JOBS, jobOf(['sleep']))
    await cluster.until(PODS, ({ object }) => object.status.phase === 'Running')
    await cluster.send('PATCH', `${JOBS}/work`, { spec: { suspend: true } }, MERGE)
    await condition('Suspended')
    await untilTrue(cluster, async () => (await podList()).length === 0)
    expect((await cluster.send('GET', `${JOBS}/work`)).body.status.startTime).toBeUndefined()
    await cluster.send('PATCH', `${JOBS}/work`, { spec: { suspend: false } }, MERGE)
    await condition('Suspended', 'False')
    await cluster.until(PODS, ({ object }) => object.status.phase === 'Running')
    const events = await eventsOf(cluster, 'Job', 'work')
    expect(events).toContain('Normal Suspended Job suspended')
    expect(events).toContain('Normal Resumed Job resumed')
  })

  it('is removed with its pods when its time is up', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '0'], { ttlSecondsAfterFinished: 30 }))
    await condition('Complete')
    await cluster.until(JOBS, ({ type }) => type === 'DELETED')
    expect(await podList()).toEqual([])
  })

  it('counts a pod that was deleted while it ran, and lets it go', async () => {
    await cluster.send('POST', JOBS, jobOf(['sleep']))
    const { object: pod } = await cluster.until(
      PODS,
      ({ object }) => object.status.phase === 'Running',
    )
    await cluster.send('DELETE', `${PODS}/${pod.metadata.name}`)
    await cluster.until(JOBS, ({ object }) => object.status?.failed === 1)
    await untilTrue(
      cluster,
      async () => (await cluster.send('GET', `${PODS}/${pod.metadata.name}`)).status === 404,
    )
  })

  it('keeps its pods when a client deletes it without saying what to do with them', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '0']))
    await condition('Complete')
    const { headers } = await cluster.send('DELETE', `${JOBS}/work`)
    expect(String(headers.warning)).toContain(
      'child pods are preserved by default when jobs are deleted',
    )
    await untilTrue(cluster, async () => (await cluster.send('GET', `${JOBS}/work`)).status === 404)
    expect(await podList()).toHaveLength(1)
  })

  it('goes with everything in it when its namespace is deleted', async () => {
    const home = '/api/v1/namespaces'
    await cluster.send('POST', home, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'team' },
    })
    await cluster.send('POST', '/apis/batch/v1/namespaces/team/jobs', jobOf(['sleep']))
    await cluster.until(`${home}/team/pods`, ({ object }) => object.status.phase === 'Running')
    await cluster.send('DELETE', `${home}/team`)
    await untilTrue(cluster, async () => (await cluster.send('GET', `${home}/team`)).status === 404)
  })
})

describe('the policies of a job', () => {
  const lastCondition = async () => {
    const { object } = await cluster.until(JOBS, (event) =>
      event.object.status?.conditions?.some((entry: { type: string }) =>
        ['Complete', 'Failed'].includes(entry.type),
      ),
    )
    const { type, reason, message } = object.status.conditions.at(-1)
    return { status: object.status, ending: `${type} ${reason}: ${message}` }
  }
  const indexed = (spec: object) => ({ completionMode: 'Indexed', parallelism: 3, ...spec })

  it('an exit code can fail it at once', async () => {
    const onExitCodes = { containerName: 'a', operator: 'In', values: [42] }
    await cluster.send(
      'POST',
      JOBS,
      jobOf(['exit', '42'], { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } }),
    )
    const { status, ending } = await lastCondition()
    expect(status.failed).toBe(1)
    expect(ending).toMatch(
      /^Failed PodFailurePolicy: Container a for pod default\/work-\w{5} failed with exit code 42 matching FailJob rule at index 0$/,
    )
    expect(status.conditions[0]).toMatchObject({
      type: 'FailureTarget',
      reason: 'PodFailurePolicy',
    })
  })

  it('a failure can be ignored', async () => {
    const rules = [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
      { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } },
    ]
    await cluster.send('POST', JOBS, {
      ...jobOf(['sleep'], { backoffLimit: 0, podFailurePolicy: { rules } }),
    })
    const { object } = await cluster.until(PODS, (event) => event.object.status.phase === 'Running')
    expect(
      (await cluster.send('GET', `${JOBS}/work`)).body.spec.podFailurePolicy.rules[0]
        .onPodConditions,
    ).toEqual([{ type: 'DisruptionTarget', status: 'True' }])
    const taints = [{ key: 'full', effect: 'NoExecute' }]
    const node = '/api/v1/nodes/netpol-lab-control-plane'
    const gone = cluster.until(
      PODS,
      (event) => event.type === 'DELETED' && event.object.metadata.uid === object.metadata.uid,
    )
    await cluster.send('PATCH', node, { spec: { taints } }, MERGE)
    await gone
    await cluster.send('PATCH', node, { spec: { taints: null } }, MERGE)
    await cluster.until(
      PODS,
      (event) =>
        event.object.status.phase === 'Running' &&
        event.object.metadata.uid !== object.metadata.uid,
    )
    expect((await cluster.send('GET', `${JOBS}/work`)).body.status.failed).toBeUndefined()
  })

  it('each index may fail by itself', async () => {
    await cluster.send(
      'POST',
      JOBS,
      jobOf(['exit', '1'], indexed({ completions: 2, backoffLimitPerIndex: 1 })),
    )
    const { status, ending } = await lastCondition()
    expect(ending).toBe('Failed FailedIndexes: Job has failed indexes')
    expect(status).toMatchObject({ failed: 4, failedIndexes: '0,1' })
    const counts = (await podList()).map(
      (pod: { metadata: { annotations: Record<string, string> } }) =>
        `${pod.metadata.annotations['batch.kubernetes.io/job-completion-index']}: ${pod.metadata.annotations['batch.kubernetes.io/job-index-failure-count']}`,
    )
    expect(counts.sort()).toEqual(['0: 0', '0: 1', '1: 0', '1: 1'])
  })

  it('and so many of them are too many', async () => {
    await cluster.send(
      'POST',
      JOBS,
      jobOf(
        ['exit', '1'],
        indexed({ completions: 9, backoffLimitPerIndex: 0, maxFailedIndexes: 1 }),
      ),
    )
    expect((await lastCondition()).ending).toBe(
      'Failed MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes',
    )
  })

  it('some indexes may be enough', async () => {
    const job = jobOf(
      ['exit', '0'],
      indexed({
        completions: 5,
        parallelism: 1,
        successPolicy: { rules: [{ succeededIndexes: '0-2', succeededCount: 2 }] },
      }),
    )
    await cluster.send('POST', JOBS, job)
    const { status, ending } = await lastCondition()
    expect(ending).toBe('Complete SuccessPolicy: Matched rules at index 0')
    expect(status).toMatchObject({ completedIndexes: '0,1', succeeded: 2 })
    expect(status.conditions[0]).toMatchObject({
      type: 'SuccessCriteriaMet',
      reason: 'SuccessPolicy',
    })
  })

  it('a pod that goes is replaced only when it has failed, where the job says so', async () => {
    await cluster.send(
      'POST',
      JOBS,
      jobOf(['sleep'], { podReplacementPolicy: 'Failed' }, 'OnFailure'),
    )
    const { object } = await cluster.until(PODS, (event) => event.object.status.phase === 'Running')
    await cluster.send('DELETE', `${PODS}/${object.metadata.name}`)
    await cluster.until(
      PODS,
      (event) =>
        event.object.status.phase === 'Running' &&
        event.object.metadata.uid !== object.metadata.uid,
    )
    expect((await cluster.send('GET', `${JOBS}/work`)).body.status.failed).toBe(1)
  })

  it('somebody else may run it', async () => {
    await cluster.send('POST', JOBS, jobOf(['exit', '0'], { managedBy: 'example.com/queue' }))
    await cluster.send('POST', JOBS, { ...jobOf(['exit', '0']), metadata: { name: 'own' } })
    await condition('Complete')
    expect((await cluster.send('GET', `${JOBS}/work`)).body.status).toEqual({})
  })

  it('are refused where they make no sense', async () => {
    const refused = async (spec: object, restartPolicy?: string) =>
      (await cluster.send('POST', JOBS, jobOf(['exit', '0'], spec, restartPolicy))).body.message
    const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }
    expect(await refused({ podFailurePolicy: { rules: [rule] } }, 'OnFailure')).toContain(
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    )
    expect(await refused({ podFailurePolicy: { rules: [{ action: 'FailIndex' }] } })).toBe(
      'Job.batch "work" is invalid: [spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set, spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required]',
    )
    expect(
      await refused(
        indexed({ completions: 2, successPolicy: { rules: [{ succeededIndexes: '7' }] } }),
      ),
    ).toContain(
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "7": error parsing succeededIndexes: too large index: "7"',
    )
    expect(await refused({ managedBy: 'me' })).toContain(
      'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
    )
  })
})

describe('a cron job', () => {
  const cronOf = (spec: object = {}, command: readonly string[] = ['exit', '0']) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: jobOf(command).spec }, ...spec },
  })

  it('makes a job every minute and keeps the last three', async () => {
    await cluster.send('POST', CRONS, cronOf())
    const made = new Set<string>()
    await cluster.until(JOBS, ({ type, object }) => {
      if (type === 'ADDED') made.add(object.metadata.name)
      return made.size === 5
    })
    const minutes = [...made].map((name) => Number(name.replace('tick-', '')))
    expect(minutes.map((minute) => minute - (minutes[0] ?? 0))).toEqual([0, 1, 2, 3, 4])
    await untilTrue(cluster, async () => (await cluster.send('GET', JOBS)).body.items.length <= 4)
    const events = await eventsOf(cluster, 'CronJob', 'tick')
    const [first] = [...made]
    expect(events).toContain(`Normal SuccessfulCreate Created job ${first}`)
    expect(events).toContain(
      `Normal SawCompletedJob Saw completed job: ${first}, condition: Complete`,
    )
    const { body } = await cluster.send('GET', `${JOBS}/${[...made].at(-1)}`)
    expect(body.metadata.ownerReferences[0]).toMatchObject({ kind: 'CronJob', name: 'tick' })
  })

  it('does not start a second job where concurrency is forbidden', async () => {
    await cluster.send('POST', CRONS, cronOf({ concurrencyPolicy: 'Forbid' }, ['sleep']))
    await untilTrue(cluster, async () =>
      (await eventsOf(cluster, 'CronJob', 'tick')).some((event) =>
        event.startsWith('Normal JobAlreadyActive Not starting job because prior execution'),
      ),
    )
    expect((await cluster.send('GET', JOBS)).body.items).toHaveLength(1)
    expect((await cluster.send('GET', `${CRONS}/tick`)).body.status.active).toHaveLength(1)
  })
})
