import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { architectureProblems } from './architecture/rules.ts'
import { parseSourceFile, readSourceFiles } from './architecture/source-file.ts'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** The problems of a small source tree. */
const problemsOf = (tree: Readonly<Record<string, string>>) =>
  architectureProblems(Object.entries(tree).map(([path, text]) => parseSourceFile(path, text)))

describe('the layers', () => {
  it('are kept by every file of src/', () => {
    expect(architectureProblems(readSourceFiles(src)).join('\n')).toBe('')
  })

  it('refuse an import upwards and say how to turn it round', () => {
    expect(
      problemsOf({
        'shell/a.ts': "import { run } from '../runner/run.ts'",
        'runner/run.ts': '',
      }),
    ).toEqual([
      'src/shell/a.ts:1 imports src/runner/run.ts: shell stands below runner. Declare what it needs as a port in shell/ and let runner pass it in.',
    ])
  })

  it('refuse contact inside a row, except along an arrow', () => {
    const problems = problemsOf({
      'grading/a.ts': "import '../lessons/a.ts'\nimport '../progress/a.ts'",
      'lessons/a.ts': '',
      'progress/a.ts': "export * from '../kube/a.ts'",
      'kube/a.ts': "export type A = import('../base/a.ts').A",
      'base/a.ts': '',
      'platform/a.ts': "import '../base/a.ts'\nimport '../kube/a.ts'",
    })
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('grading and progress have no contact')
    expect(problems[1]).toContain('platform and kube have no contact')
  })

  it('keep the simulator behind cluster/simulated, and its folders apart', () => {
    const problems = problemsOf({
      'cli/a.ts': "await import('../simulator/index.ts')",
      'cluster/simulated/a.ts': "import '../../simulator/index.ts'",
      'simulator/index.ts': "import './api/a.ts'\nimport './pods/a.ts'",
      'simulator/ports.ts': '',
      'simulator/api/a.ts': "import '../ports.ts'",
      'simulator/pods/a.ts': "import type { A } from '../api/a.ts'",
    })
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('only cluster/simulated knows the simulator')
    expect(problems[1]).toContain('simulator/pods and simulator/api meet only through')
  })

  it('refuse time, console and process outside of platform and cli, and any I/O in the pure layers', () => {
    const problems = problemsOf({
      'runner/a.ts': 'const now = Date.now()\nconst then = new Date(now)\nprocess.exit(1)',
      'tui/a.ts': "console.log('x')\nsetTimeout(() => {}, 1)",
      'policy/a.ts': "import { readFileSync } from 'node:fs'\nsetTimeout(() => {}, 1)",
      'platform/a.ts': 'export const now = () => Date.now()',
      'cli/a.ts': 'process.exit(0)',
    })
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'src/runner/a.ts:1 uses Date.now',
      'src/runner/a.ts:3 uses process.exit',
      'src/tui/a.ts:1 uses console.log',
      'src/policy/a.ts:1 uses node:fs',
      'src/policy/a.ts:2 uses setTimeout()',
    ])
  })

  it('refuse cycles between the folders of a layer', () => {
    const problems = problemsOf({
      'shell/lab-shell.ts': "import './kubectl/run.ts'",
      'shell/ports.ts': '',
      'shell/kubectl/run.ts': "import '../ports.ts'\nimport '../line/words.ts'",
      'shell/line/words.ts': "import '../kubectl/run.ts'",
    })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('shell/kubectl → shell/line → shell/kubectl is a cycle')
  })

  it('refuse a folder that the table does not know', () => {
    expect(problemsOf({ 'utils/a.ts': "import '../base/a.ts'", 'base/a.ts': '' })[0]).toContain(
      'utils is no layer of the table',
    )
  })
})
