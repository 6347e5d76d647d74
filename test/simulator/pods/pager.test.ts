import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

/** Types keys into a program on a terminal of five rows, each when the screen has what it waits for. Gives what each screen showed. */
async function typed(
  script: string,
  keys: readonly { readonly when: string; readonly key: string }[],
): Promise<{ readonly screens: string[]; readonly code: number }> {
  const pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'alpine',
    container: { command: ['sleep', 'infinity'] },
  })
  const screens: string[] = []
  let shown = ''
  let ended = false
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const { when, key } of keys) {
      while (!shown.includes(when)) await nextTurn()
      screens.push(shown)
      shown = ''
      yield new TextEncoder().encode(key)
    }
    // An end of the input would be the terminal's.
    while (!ended) await nextTurn()
  }
  const program = pod.exec(['sh', '-c', script], {
    stdout: (chunk) => {
      shown += new TextDecoder().decode(chunk)
    },
    stderr: () => {},
    stdin: input(),
    terminal: { columns: 20, rows: 5 },
  })
  const code = await program.exited
  ended = true
  return { code, screens }
}

test('less shows a page, goes on, back, to the end and to what is searched for', async () => {
  const { screens, code } = await typed('seq 20 > /tmp/f; less /tmp/f', [
    { when: '/tmp/f', key: ' ' },
    { when: '8\r\n:', key: 'b' },
    { when: '4\r\n:', key: 'G' },
    { when: '(END)', key: 'g' },
    { when: '4\r\n:', key: '/' },
    { when: '\u001b[K/', key: '1' },
    { when: '/1', key: '3' },
    { when: '/13', key: '\r' },
    { when: '16\r\n:', key: 'q' },
  ])
  expect(screens[1]).toContain('5\r\n6\r\n7\r\n8\r\n')
  expect(screens[3]).toContain('17\r\n18\r\n19\r\n20\r\n')
  expect(screens[8]).toContain('\u001b[7m13\u001b[m\r\n14\r\n15\r\n16\r\n')
  expect(code).toBe(0)
})

test('less reads a pipe and its keys from the terminal', async () => {
  const { screens, code } = await typed('seq 3 | less; echo over', [
    { when: '(END)', key: 'q' },
    { when: 'over', key: '' },
  ])
  expect(screens[0]).toContain('1\r\n2\r\n3\r\n~\r\n')
  expect(code).toBe(0)
})

test('more stops at each page, and goes on by a page or a line', async () => {
  const { screens, code } = await typed('seq 11 > /tmp/f; more /tmp/f', [
    { when: '--More-- (36% of 11 lines)', key: '\r' },
    { when: '--More-- (45% of 11 lines)', key: ' ' },
    { when: '--More-- (82% of 11 lines)', key: ' ' },
  ])
  expect(screens[1]).toContain('5\r\n')
  expect(screens[2]).toContain('6\r\n7\r\n8\r\n9\r\n')
  expect(code).toBe(0)
})

test('watch runs a command again and again on a clean screen', async () => {
  const { screens } = await typed(
    'echo x >> /tmp/f; watch -n 1 "echo x >> /tmp/f; wc -l < /tmp/f"',
    [
      { when: '\n2\r\n', key: '' },
      { when: '\n3\r\n', key: '' },
      { when: '\n4\r\n', key: '\u0003' },
    ],
  )
  expect(screens[1]).toMatch(/^\u001b\[H\u001b\[J/)
})
