import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPlace, type ProgramPlace } from './run-program.ts'

let place: ProgramPlace
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place.close())

describe('wrong usage', () => {
  it.each([
    [['start', 'deny-egres'], 'deny-egress'],
    [['run', 'deny-egresss'], 'deny-egress'],
    [['run', 'deny-egress', '--cluster', 'simulatd'], 'simulated'],
    [['start', '--lineer'], '--linear'],
    [['strat'], 'start'],
    [['cluster', 'stats'], 'status'],
    [['run', 'deny-egress', '--reporter', 'jsn'], 'json'],
    [['cluster', 'serve', '--port', 'ninety'], '65535'],
  ])('%o is one line with the nearest right word, and exit code 2', async (args, nearest) => {
    const { code, stdout, stderr } = await place.run(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^netpol-lab: [^\n]+\n$/)
    expect(stderr).toContain(nearest)
  })

  it('names the variable that holds an unknown cluster', async () => {
    const { code, stderr } = await place.run(['run', 'deny-egress'], {
      env: { NETPOL_LAB_CLUSTER: 'kindd' },
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^netpol-lab: NETPOL_LAB_CLUSTER .*kind.*\n$/)
  })
})

describe('progress that cannot be used', () => {
  const path = () => join(place.home, 'data', 'progress', 'deny-egress.json')
  const write = async (text: string) => {
    await mkdir(join(place.home, 'data', 'progress'), { recursive: true })
    await writeFile(path(), text)
  }

  it.each([
    ['damaged', '{"format":1,"lesson":"deny-egress","records":[', 'could not be read'],
    ['newer', '{"format":2,"lesson":"deny-egress"}', 'was written by a newer netpol-lab'],
    ['of something else', '{"format":1,"lesson":"other","records":[]}', 'could not be read'],
  ])('is said, kept aside and not overwritten: %s', async (_what, text, said) => {
    await write(text)
    const { code, stdout, stderr } = await place.run(['list'])
    expect(code).toBe(0)
    expect(stderr).toContain(said)
    expect(stdout).toMatch(/deny-egress/)
    const names = (await readdir(join(place.home, 'data', 'progress'))).filter(
      (name) => name !== 'deny-egress.json',
    )
    expect(names).toHaveLength(1)
    expect(stderr).toContain(names[0] ?? '')
    expect(await readFile(join(place.home, 'data', 'progress', names[0] ?? ''), 'utf8')).toBe(text)
  })
})

describe('what looks at this computer', () => {
  it('lists the lessons, for people and as JSON', async () => {
    const { code, stdout } = await place.run(['list'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^ 8 {2}Deny egress traffic from an application {2}new {6}\d+ min {2}deny-egress\n$/,
    )
    const json = await place.run(['list', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject([{ number: 8, id: 'deny-egress', state: 'new' }])
  })

  it('shows progress, exports and resets it, keeping the old file', async () => {
    await mkdir(join(place.home, 'data', 'progress'), { recursive: true })
    await writeFile(
      join(place.home, 'data', 'progress', 'deny-egress.json'),
      JSON.stringify({
        format: 1,
        lesson: 'deny-egress',
        records: [{ at: '2026-01-01T00:00:00Z', kind: 'run-started', cluster: 'simulated' }],
        best: { at: '2026-01-01T00:00:00Z', earned: 90, total: 100, passed: true },
      }),
    )
    expect((await place.run(['progress'])).stdout).toContain('best 90 of 100 points, passed')
    expect(JSON.parse((await place.run(['progress', '--json'])).stdout)).toMatchObject([
      { id: 'deny-egress', best: { earned: 90 } },
    ])
    expect(JSON.parse((await place.run(['progress', 'export'])).stdout)).toMatchObject([
      { lesson: 'deny-egress', records: [{ kind: 'run-started' }] },
    ])
    const reset = await place.run(['progress', 'reset'])
    expect(reset.stdout).toContain('the old progress is kept as')
    expect((await place.run(['progress'])).stdout).toContain('new, 0 checks passed')
    expect(await readdir(join(place.home, 'data', 'progress'))).toHaveLength(1)
  })

  it('says what can be used, and what is missing', async () => {
    const { code, stdout } = await place.run(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^node v\d+/)
    expect(stdout).toContain('Simulated cluster: ready')
    const json = await place.run(['doctor', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ clusters: [{ kind: 'simulated' }, {}, {}] })
    const status = await place.run(['cluster', 'status'])
    expect(status.stdout).toContain('Simulated cluster: ')
    expect(status.code).toBe(0)
  })

  it('has no cluster to point kubectl at before one was opened: exit code 3', async () => {
    const { code, stdout, stderr } = await place.run(['env'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('netpol-lab start --cluster simulated')
  })
})
