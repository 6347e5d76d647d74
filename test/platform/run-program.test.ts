import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../src/platform/run-program.ts'

const node = process.execPath
const env = { PATH: process.env.PATH ?? '' }

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('running a program', () => {
  test('success and failure have one shape, with the command as it can be pasted', async () => {
    const good = await runProgram(node, ['-e', "console.log('a b')"], { env })
    expect(good).toMatchObject({ ended: 'succeeded', exitCode: 0, stdout: 'a b' })
    const bad = await runProgram(node, ['-e', "console.error('no'); process.exit(3)"], { env })
    expect(bad).toMatchObject({ ended: 'failed', exitCode: 3, stderr: 'no', output: 'no' })
    expect(bad.command).toContain(`-e 'console.error('\\''no'\\'')`)
    expect(bad.message).toBe(`${bad.command}: exit code 3`)
  })

  test('a program that does not exist is a result, not an exception', async () => {
    const result = await runProgram('netpol-lab-no-such-program', ['x'], { env })
    expect(result).toMatchObject({ ended: 'not-found', exitCode: undefined })
    expect(result.message).toBe(
      'netpol-lab-no-such-program x: there is no such program on the PATH',
    )
  })

  test('the program sees the environment that is given and nothing else', async () => {
    process.env.NETPOL_LAB_TEST_LEAK = 'yes'
    try {
      const result = await runProgram(
        node,
        ['-e', 'console.log(process.env.NETPOL_LAB_TEST_LEAK, process.env.GIVEN)'],
        { env: { ...env, GIVEN: '1' } },
      )
      expect(result.stdout).toBe('undefined 1')
    } finally {
      delete process.env.NETPOL_LAB_TEST_LEAK
    }
  })

  test('arguments never meet a shell', async () => {
    const result = await runProgram(node, ['-p', 'process.argv[1]', '$(echo x); `y` && *'], { env })
    expect(result.stdout).toBe('$(echo x); `y` && *')
  })

  test('lines of both outputs arrive while it runs', async () => {
    const lines: string[] = []
    await runProgram(
      node,
      ['-e', "process.stdout.write('one\\r\\ntw'); process.stderr.write('o é\\nlast')"],
      { env, onLine: (line) => lines.push(line) },
    )
    expect(lines[0]).toBe('one')
    expect(lines.join('|')).toContain('last')
  })

  test.skipIf(process.platform === 'win32')(
    'an abort ends the program and the programs that it started',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-run-'))
      try {
        const script = join(folder, 'parent.mjs')
        await writeFile(
          script,
          `import { spawn } from 'node:child_process'
           process.on('SIGTERM', () => {})
           const child = spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1e6)'], { stdio: 'inherit' })
           child.on('exit', () => process.exit(5))`,
        )
        const controller = new AbortController()
        let grandchild = 0
        const result = await runProgram(node, [script], {
          env,
          signal: controller.signal,
          onLine: (line) => {
            grandchild = Number(line)
            controller.abort()
          },
        })
        expect(result.ended).toBe('aborted')
        expect(result.message).toContain('stopped')
        await until(() => !isAlive(grandchild))
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  test('a program that takes too long is ended and the result says so', async () => {
    const result = await runProgram(node, ['-e', 'setInterval(() => {}, 1e6)'], {
      env,
      timeoutMs: 1,
    })
    expect(result).toMatchObject({ ended: 'timed-out' })
  })
})
