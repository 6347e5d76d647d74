import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LESSON_FOLDER } from '../e2e/program.ts'
import { openPlace, type ProgramPlace } from './run-program.ts'

let place: ProgramPlace
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place.close())

/** A copy of the lesson with one text of its lesson.md replaced. */
async function brokenCopy(from: string, to: string): Promise<string> {
  const folder = join(place.folder, '08-deny-egress')
  await cp(LESSON_FOLDER, folder, { recursive: true })
  const text = await readFile(join(folder, 'lesson.md'), 'utf8')
  if (!text.includes(from)) throw new Error(`The lesson has no ${from}.`)
  await writeFile(join(folder, 'lesson.md'), text.replace(from, to))
  return folder
}

describe('without a terminal', () => {
  it('start says so and plays the lesson: steps, commands, output, checks, grade', async () => {
    const { code, stdout, stderr } = await place.run(['start'])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('there is no terminal here, so the lesson plays by itself')
    expect(stdout).toContain('Step 1 of 10: A web server to talk to')
    expect(stdout).toContain('lab$ kubectl apply -f foo-deny-egress.yaml')
    expect(stdout).toContain("/ # wget -qO- --timeout 1 http://web:80/\nwget: bad address 'web:80'")
    expect(stdout).toContain(
      'ok 4/4 the pods with app=foo may call nobody, and nothing else changed',
    )
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'passed, 50 of 50 points; predictions and questions were not asked',
    )
    expect(stdout).not.toContain('\x1b')
    const kept = await readdir(place.home, { recursive: true })
    expect(
      kept.filter((name) => /progress|work/.test(name)),
      "nothing of the learner's",
    ).toEqual([])
  })

  it('CI counts as no terminal, and every reporter tells the same thirty checks', async () => {
    const [json, junit, tap] = await Promise.all(
      ['json', 'junit', 'tap'].map((reporter) =>
        place.run(['run', 'deny-egress', '--reporter', reporter], { env: { CI: 'true' } }),
      ),
    )
    expect([json?.code, junit?.code, tap?.code]).toEqual([0, 0, 0])
    const parsed = JSON.parse(json?.stdout ?? '')
    expect(parsed).toMatchObject({
      format: 1,
      lessons: [{ id: 'deny-egress', passed: true, earned: 50, total: 50, problems: [] }],
    })
    const titles: string[] = parsed.lessons[0].checks.map((check: { title: string }) => check.title)
    expect(titles).toHaveLength(30)

    const xml = junit?.stdout ?? ''
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites>/)
    expect(xml).toContain('<testsuite name="deny-egress" tests="30" failures="0"')
    expect([...xml.matchAll(/<testcase classname="deny-egress" name="[^"<&]*"\/>/g)]).toHaveLength(
      30,
    )

    const lines = (tap?.stdout ?? '').trimEnd().split('\n')
    expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..30'])
    expect(lines.slice(2)).toEqual(
      titles.map((title, index) => `ok ${index + 1} - deny-egress: ${title}`),
    )
  })
})

describe('lesson check', () => {
  it('finds nothing wrong in the lessons of the lab', async () => {
    const { code, stdout } = await place.run(['lesson', 'check'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok .*08-deny-egress\n$/)
  })

  it.each([
    ['kind: resource', 'kindd: resource'],
    ['right: true\n    why: It opens no', 'right: maybe\n    why: It opens no'],
    ['sameAs: solution/deny.yaml', 'sameAs: ../../../deny.yaml'],
    ['after: predict-way-in', 'after: predict-nothing'],
  ])('says file, line, column and rule where %s is %s', async (from, to) => {
    const folder = await brokenCopy(from, to)
    const { code, stdout, stderr } = await place.run(['lesson', 'check', folder])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^\S+lesson\.md:\d+:\d+ {2}[a-z-]+ {2}\S/)
    expect(stderr).toMatch(/^netpol-lab: \d+ problems?; nothing was run\.\n$/)
    const test = await place.run(['lesson', 'test', folder])
    expect(test.code, 'nor does lesson test run it').not.toBe(0)
    expect(test.stdout).toBe('')
  })
})

describe('lesson test', () => {
  it('fails with 1 where a check does not hold after the step', async () => {
    const folder = await brokenCopy(
      'resource: { apiVersion: v1, kind: Pod, namespace: default, name: web }\n  expect: { field: metadata.labels.app, value: web }',
      'resource: { apiVersion: v1, kind: Pod, namespace: default, name: web }\n  expect: { field: metadata.labels.app, value: wrong }',
    )
    const { code, stdout } = await place.run(['lesson', 'test', folder])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}broken step 1: web-labelled passes after it$/m)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ held, [1-9]\d* broken$/)
  })

  it('holds the lesson of the lab to everything that it says', async () => {
    const { code, stdout } = await place.run(['lesson', 'test', 'deny-egress'])
    expect(code, stdout).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ held, 0 broken$/)
  })
})

describe('a cluster served by another process', () => {
  it('gets the whole lesson through an existing context, and the kubeconfig stays as it is', {
    timeout: 60_000,
  }, async () => {
    const kubeconfig = join(place.folder, 'kubeconfig')
    const served = await place.serve(
      ['cluster', 'serve', '--clock', 'fast', '--kubeconfig', kubeconfig],
      /^serving https:\/\/127\.0\.0\.1:\d+/,
    )
    const before = await readFile(kubeconfig)
    const context = /current-context"?:\s*"?([^"\s,]+)/.exec(before.toString())?.[1] ?? ''
    const args = ['run', 'deny-egress', '--cluster', 'context', '--context', context]
    const env = { KUBECONFIG: kubeconfig }
    const refused = await place.run(args, { env })
    expect(refused.code, 'nobody said yes').not.toBe(0)
    expect(refused.stderr).toContain('--yes')
    const { code, stdout, stderr } = await place.run([...args, '--yes'], { env })
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toContain('passed, 50 of 50 points')
    expect(await readFile(kubeconfig)).toEqual(before)
    const foreign = await place.run(['cluster', 'serve', '--kubeconfig', kubeconfig], { env })
    expect(foreign.code, 'a kubeconfig in use is not written').toBe(2)
    expect((await served.stop()).code).toBe(130)
    expect(await readFile(kubeconfig).catch(() => undefined)).toSatisfy(
      (text: Buffer | undefined) => text === undefined || text.equals(before),
    )
  })

  it('that is not there is said, with what to do', async () => {
    const { code, stderr } = await place.run(
      ['run', 'deny-egress', '--cluster', 'context', '--context', 'nowhere', '--yes'],
      { env: { KUBECONFIG: join(place.folder, 'none') } },
    )
    expect(code).toBe(2)
    expect(stderr).toContain('There is no usable context "nowhere" in your kubeconfig.')
    expect(stderr).toContain('What you can do:')
  })
})

describe('a kind cluster without kind', () => {
  it('is the exit code of an environment that lacks something', async () => {
    const { code, stdout, stderr } = await place.run(['run', 'deny-egress', '--cluster', 'kind'], {
      env: { PATH: join(place.folder, 'nothing') },
    })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^netpol-lab: .*\bkind\b/)
    expect(stderr).toContain('What you can do:')
  })
})
