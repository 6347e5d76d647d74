import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RemoteSession } from '../../src/shell/ports.ts'
import { type Lab, openLab } from './lab.ts'
import { createTyping } from './typing.ts'

const HEART = 'kubectl run --rm -it --restart=Never --image=alpine -l app=foo test -- ash'

let lab: Lab

beforeAll(async () => {
  lab = await openLab()
})

afterAll(() => lab.close())

/** Types into a session: Enter once it is open, then each text when the output ends as its pattern says. */
function conversation(steps: readonly (readonly [RegExp, string])[]) {
  const typing = createTyping()
  const left = [...steps]
  const remotes: (RemoteSession | undefined)[] = []
  return {
    remotes,
    options: {
      stdin: typing.bytes,
      terminal: { columns: 80, rows: 24 },
      onRemote: (session: RemoteSession | undefined) => {
        remotes.push(session)
        if (session !== undefined) typing.type('\r')
      },
      onOut: (all: string) => {
        const [next] = left
        if (next === undefined || !next[0].test(all)) return
        left.shift()
        typing.type(next[1])
      },
    },
  }
}

describe('kubectl run -it', () => {
  it('hands the terminal to the pod, takes it back, and removes the pod with --rm', async () => {
    const { options, remotes } = conversation([
      [/\/ # $/, 'hostname\r'],
      [/\ntest\r\n\/ # $/, 'exit\r'],
    ])
    const { out, err, code } = await lab.run(HEART, options)
    expect(err).toBe("If you don't see a command prompt, try pressing enter.\n")
    expect(out).toMatch(/\/ # hostname\r\ntest\r\n\/ # exit\r\npod "test" deleted\n$/)
    expect(code).toBe(0)
    expect(remotes).toEqual([
      { namespace: 'default', pod: 'test', openedBy: HEART, tty: true },
      undefined,
    ])
    expect((await lab.run('kubectl wait --for=delete pod/test')).code).toBe(0)
  })

  it('ends with the exit code of the program', async () => {
    const { options } = conversation([[/\/ # $/, 'exit 3\r']])
    const { err, code } = await lab.run(HEART, options)
    expect(err).toMatch(/\npod default\/test terminated \(Error\)\n$/)
    expect(code).toBe(3)
  })

  it('says how to come back where the pod goes on', async () => {
    const { options } = conversation([[/\/ # $/, 'exit\r']])
    const { out, code } = await lab.run('kubectl run -it --image=alpine stay -- ash', options)
    expect(out).toMatch(
      /\nSession ended, resume using 'kubectl attach stay -c stay -i -t' command when the pod is running\n$/,
    )
    expect(code).toBe(0)
    expect((await lab.run('kubectl delete pod stay --now')).out).toBe('pod "stay" deleted\n')
  })

  it('removes the --rm pod when the console closes, and ends with 130', async () => {
    const closing = new AbortController()
    const { options } = conversation([])
    const { code } = await lab.run(HEART, {
      ...options,
      signal: closing.signal,
      onOut: (all) => {
        if (all.includes('/ # ')) closing.abort()
      },
    })
    expect(code).toBe(130)
    expect((await lab.run('kubectl wait --for=delete pod/test --timeout=5m')).code).toBe(0)
  })

  it('shows the log of a pod that ended before anyone attached', async () => {
    const line = 'kubectl run quick --image=alpine --restart=Never --rm -i -- echo hello'
    const { out, code } = await lab.run(line)
    expect(out).toBe('hello\npod "quick" deleted\n')
    expect(code).toBe(0)
  })

  it('goes without a terminal where there is none', async () => {
    const line = 'kubectl exec -it piped -- cat'
    await lab.run(
      'kubectl run piped --image=alpine -- sleep 1d; kubectl wait --for=condition=Ready pod/piped',
    )
    const { out, err } = await lab.run(`${line} <<EOF\nx\nEOF`)
    expect(out).toBe('x\n')
    expect(err).toBe('Unable to use a TTY - input is not a terminal or the right kind of file\n')
  })

  it('refuses what cannot be, before anything is created', async () => {
    const usage = "See 'kubectl run -h' for help and examples\n"
    for (const [flags, text] of [
      ['x --image=a -t', '-i/--stdin is required for containers with -t/--tty=true'],
      ['x --image=a --rm', '--rm should only be used for attached containers'],
      ['x --image=a --expose', '--port must be set when exposing a service'],
      ['x --image=a --restart=Sometimes', 'invalid restart policy: Sometimes'],
      ['--image=a', 'NAME is required for run'],
    ] as const) {
      expect((await lab.run(`kubectl run ${flags}`)).err).toBe(`error: ${text}\n${usage}`)
    }
    expect((await lab.run('kubectl run x --image=A:::')).err).toBe(
      'error: Invalid image name "A:::": invalid reference format\n',
    )
  })
})
