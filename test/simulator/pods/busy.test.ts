import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { createRealClock } from '../../../src/platform/real-clock.ts'
import { createSimulatedCluster } from '../../../src/simulator/simulated-cluster.ts'
import { readAnswer, requestOf } from '../support/cluster.ts'
import { createWorld } from './world.ts'

/** Programs that go on for ever without waiting for anything. */
const LOADS = [
  'bomb() { bomb | bomb & }; bomb; sleep 1000',
  'i=0; while [ $i -lt 50 ]; do while :; do :; done & i=$((i+1)); done; wait',
  'yes > /dev/null',
  'cat /dev/zero > /dev/null',
  'dd if=/dev/zero of=/dev/null bs=64k count=999999999',
  'seq 1 100000000000 > /dev/null',
  'yes | cat | tr y x | sed s/x/z/ > /dev/null',
  'while true; do echo x; done > /dev/null',
  'while :; do x=$(expr 1 + 1); done',
  "awk 'BEGIN { for (;;) n++ }'",
  "awk 'function f(n) { return n < 1 ? 0 : f(n - 1) + f(n - 1) } BEGIN { f(60) }'",
  "echo a | sed ':a; b a'",
  "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! | grep -E '^(a+)+$'; done",
  'f() { while :; do g; done; }; g() { case $PWD in *x*) ;; esac; }; f',
  'x=$(head -c 1000000 /dev/zero | tr "\\0" a); while :; do y=${x##*a*b}; y=${x%[!a]*}; y=${x//?b/c}; done',
  'seq 300000 > /tmp/f; while :; do sort -n /tmp/f > /dev/null; done',
  'seq 300000 > /tmp/f; while :; do tac /tmp/f > /dev/null; wc /tmp/f; done',
  "seq 100000 | sed ':a; N; $!ba; s/1/22/g' > /dev/null; yes | sed s/y/x/ > /dev/null",
]

/** How often the event loop turned until a promise was settled. */
async function turnsUntil(promise: Promise<unknown>, atMost: number): Promise<number> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  let turns = 0
  for (; !settled && turns < atMost; turns++) await nextTurn()
  return turns
}

/** A pod may need so many turns of the loop to answer beside one that is busy; each is some milliseconds at most. */
const MOST_TURNS = 3000
const SILENT = { stdout: () => {}, stderr: () => {} }
const IDLE = { image: 'alpine', container: { command: ['sleep', 'infinity'] } }

const clocks = [
  { clock: 'the fast clock', create: () => createFastClock(), pause: 'sleep 0.01' },
  // Real time passes in however few turns.
  { clock: 'the real clock', create: () => createRealClock(), pause: ':' },
]

describe.each(clocks)('on $clock', ({ create, pause }) => {
  test.each(LOADS)('the lab goes on while a pod runs %s', async (load) => {
    const world = createWorld({ clock: create() })
    const busy = world.addPod({ name: 'busy', ip: '10.244.0.7', ...IDLE })
    const other = world.addPod({ name: 'other', ip: '10.244.0.8', ...IDLE })
    const program = busy.exec(['sh', '-c', load], SILENT)
    expect(await turnsUntil(program.exited, 30)).toBe(30)

    const answer = world.run(other, `for i in 1 2 3; do echo $i | cat; ${pause}; done`)
    expect(await turnsUntil(answer, MOST_TURNS)).toBeLessThan(MOST_TURNS)
    expect((await answer).output).toBe('1\n2\n3\n')

    program.signal('SIGINT')
    expect(await turnsUntil(program.exited, MOST_TURNS)).toBeLessThan(MOST_TURNS)
    busy.exec(['sh', '-c', load], SILENT)
    await nextTurn()
    expect(await turnsUntil(busy.stop(0), MOST_TURNS)).toBeLessThan(MOST_TURNS)
    await world.close()
  })

  test('the API answers beside a fork bomb, and deleting the pod by force ends it', async () => {
    const defects: unknown[] = []
    const cluster = createSimulatedCluster({
      clock: create(),
      onDefect: (error) => defects.push(error),
    })
    const url = '/api/v1/namespaces/default/pods'
    const send = async (method: string, path: string, body?: unknown) => {
      const answer = cluster.api.handle(requestOf(method, path, body)).then(readAnswer)
      expect(await turnsUntil(answer, MOST_TURNS)).toBeLessThan(MOST_TURNS)
      return (await answer).body
    }
    const [bomb] = LOADS
    await send('POST', url, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bomb' },
      spec: { containers: [{ name: 'main', image: 'alpine', command: ['sh', '-c', bomb] }] },
    })
    let phase = ''
    while (phase !== 'Running') {
      phase = (await send('GET', `${url}/bomb`)).status.phase
      await nextTurn()
    }
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    expect((await send('GET', url)).items).toHaveLength(1)
    await send('DELETE', `${url}/bomb?gracePeriodSeconds=0`)
    while ((await send('GET', `${url}/bomb`)).kind !== 'Status') await nextTurn()
    const closed = cluster.close()
    expect(await turnsUntil(closed, MOST_TURNS)).toBeLessThan(MOST_TURNS)
    expect(defects).toEqual([])
  })
})

test('a container makes only so many processes, and says it as BusyBox does', async () => {
  const world = createWorld()
  const pod = world.addPod({ name: 'test', ip: '10.244.0.7', ...IDLE })
  const ran = await world.run(
    pod,
    'i=0; while [ $i -lt 600 ]; do sleep 1000 & i=$((i+1)); done; echo not here',
  )
  expect(ran).toMatchObject({
    output: "sh: can't fork: Resource temporarily unavailable\n",
    code: 2,
  })
  await world.close()
})

test.each([
  ['grep', 'grep x /dev/zero'],
  ['sh', 'x=$(cat /dev/zero); echo not here'],
  ['sh', 'x=a; while :; do x=$x$x; done; echo not here'],
  ['sh', 'x=aa; while :; do x=${x//aa/$x$x}; done; echo not here'],
  ['sh', 'x=$(printf %1000000d 1); i=0; while :; do i=$((i+1)); eval "v$i=\\$x"; done'],
  ['sh', 'set -- "$(printf %99999d 1)"; while :; do set -- "$@" "$@"; done'],
  ['sh', 'printf %900000000d 1'],
  ['awk', 'awk \'BEGIN { x = "a"; while (1) x = x x }\''],
  ['awk', 'awk \'BEGIN { s = sprintf("%9999d", 1); while (1) x[n++] = s }\''],
  ['awk', 'awk \'BEGIN { x = "a"; while (1) sub(/a/, x x, x) }\''],
  ['awk', 'awk \'BEGIN { x = sprintf("%999999999d", 1) }\''],
  ['sed', "echo aaaaaaaaaaaaaaaa | sed ':a; H; G; ba'"],
  ['sort', 'yes "$(printf %9999d 1)" | sort'],
  ['tac', 'yes "$(printf %9999d 1)" | tac'],
  ['tail', 'yes "$(printf %9999d 1)" | tail -n 100000000'],
  ['shuf', 'shuf -i 1-100000000'],
  ['od', 'od /dev/zero'],
  ['gzip', 'gzip < /dev/zero'],
])(
  '%s holds so much and no more, and says so: %s',
  async (name, script) => {
    const world = createWorld()
    const pod = world.addPod({ name: 'test', ip: '10.244.0.7', ...IDLE })
    expect(await world.run(pod, script)).toMatchObject({ output: `${name}: out of memory\n` })
    await world.close()
  },
  60_000,
)

test('what is free again may be held again', async () => {
  const world = createWorld()
  const pod = world.addPod({ name: 'test', ip: '10.244.0.7', ...IDLE })
  const big = 'x=$(printf %20000000d 1)'
  expect(
    await world.run(
      pod,
      `for i in 1 2 3; do ${big}; unset x; f() { local x; ${big}; }; f; ${big}; x=; done; echo done`,
    ),
  ).toMatchObject({ output: 'done\n' })
  expect(
    await world.run(
      pod,
      'awk \'function f(a) { a[1] = sprintf("%9999999d", 1) } BEGIN { for (j = 0; j < 10; j++) { f(); x = sprintf("%9999999d", 1); b[j] = x; delete b } print "done" }\'',
    ),
  ).toMatchObject({ output: 'done\n' })
  await world.close()
}, 60_000)
