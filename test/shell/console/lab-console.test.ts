import { describe, expect, it } from 'vitest'
import type { ConsoleEvent } from '../../../src/shell/ports.ts'
import { openConsole } from './support/open-console.ts'

const finished = (events: readonly ConsoleEvent[]) =>
  events.filter((event) => event.kind === 'command-finished')

const hello = {
  hello: (_line: string, streams: { stdout: (text: string) => void }) => {
    streams.stdout('one\ntwo\n')
    return 0
  },
}

describe('the lab prompt', () => {
  it('runs a typed line and comes back with its output and exit code', async () => {
    const lab = openConsole({ commands: hello })
    lab.console.input('hello\r')
    await lab.until(() => lab.shown() === 'lab$ hello\none\ntwo\nlab$ █')
    expect(finished(lab.events)).toMatchObject([
      { place: 'lab', line: 'hello', output: ['one', 'two'], exitCode: 0 },
    ])
    expect(lab.console.busy).toBe(false)
  })

  it('starts the prompt on a fresh row where output has no line end', async () => {
    const lab = openConsole({
      commands: {
        host: (_line, streams) => {
          streams.stdout('web-1')
          return 0
        },
      },
    })
    await lab.console.run('host', 'lab')
    expect(lab.shown()).toBe('lab$ host\nweb-1\nlab$ █')
  })

  it('runs what was typed ahead after the command that runs', async () => {
    let release = () => {}
    const lab = openConsole({
      commands: {
        ...hello,
        slow: async () => {
          await new Promise<void>((resolve) => {
            release = resolve
          })
          return 0
        },
      },
    })
    lab.console.input('slow\rhello\r')
    await lab.until(() => lab.console.busy && lab.shell.ran.length === 1)
    expect(lab.shell.ran).toEqual(['slow'])
    release()
    await lab.until(() => lab.shown().endsWith('two\nlab$ █'))
    expect(lab.shell.ran).toEqual(['slow', 'hello'])
  })

  it('keeps a held line at the prompt', async () => {
    const lab = openConsole({ commands: hello })
    lab.console.beforeRun = async () => 'hold'
    await lab.console.run('hello', 'lab')
    expect(lab.shown()).toBe('lab$ hello█')
    expect(lab.shell.ran).toEqual([])
    lab.console.beforeRun = async () => 'run'
    lab.console.input('\r')
    await lab.until(() => lab.shown().endsWith('two\nlab$ █'))
  })

  it('hands a word with a colon to the lab and runs nothing', async () => {
    const lab = openConsole()
    lab.console.input(':next\r')
    await lab.until(() => lab.kinds().includes('word-typed'))
    expect(lab.events).toContainEqual({ kind: 'word-typed', word: 'next' })
    await lab.until(() => lab.shown() === 'lab$ █')
    expect(lab.shell.ran).toEqual([])
  })

  it('tells an empty line and prints nothing, at both prompts', async () => {
    const lab = openConsole()
    lab.console.input('  \r')
    await lab.until(() => lab.kinds().includes('empty-line-entered'))
    await lab.console.run('open test', 'lab')
    lab.console.input('\r')
    await lab.until(() => lab.events.at(-1)?.kind === 'empty-line-entered')
    expect(lab.events.at(-1)).toEqual({ kind: 'empty-line-entered', place: 'pod' })
    expect(lab.shown()).toMatch(/^lab\$ open test\n.*\n.*\n\/ # █$/)
    expect(lab.shell.podLines).toEqual([])
  })

  it('aborts the running command at Ctrl-C, clears a line, and says when there is nothing', async () => {
    const lab = openConsole({
      commands: {
        wait: (_line, streams) =>
          new Promise((resolve) => {
            streams.signal.addEventListener('abort', () => resolve(130))
          }),
      },
    })
    lab.console.input('wait\r')
    await lab.until(() => lab.console.busy)
    lab.console.input('\x03')
    await lab.until(() => lab.shown() === 'lab$ wait\n^C\nlab$ █')
    expect(finished(lab.events)).toMatchObject([{ exitCode: 130 }])
    lab.console.input('kubec\x03')
    await lab.until(() => lab.shown().endsWith('lab$ kubec^C\nlab$ █'))
    expect(lab.kinds()).not.toContain('nothing-to-interrupt')
    lab.console.interrupt()
    expect(lab.kinds()).toContain('nothing-to-interrupt')
  })

  it('completes a word, and lists the choices at the second Tab', async () => {
    const lab = openConsole({ words: ['kubectl', 'kubelet', 'ls'] })
    lab.console.input('l\t')
    await lab.until(() => lab.shown() === 'lab$ ls █')
    lab.console.input('\x15ku\t')
    await lab.until(() => lab.shown() === 'lab$ kube█')
    lab.console.input('\t\t')
    await lab.until(() => lab.shown() === 'lab$ kube\nkubectl  kubelet\nlab$ kube█')
  })

  it('wraps a long line over rows and edits in the middle of it', async () => {
    const lab = openConsole({ columns: 12 })
    lab.console.input('abcdefghijklmnop')
    await lab.until(() => lab.shown() === 'lab$ abcdefg\nhijklmnop█')
    lab.console.input('\x01X')
    await lab.until(() => lab.shown() === 'lab$ X█abcdef\nghijklmnop')
    lab.console.input('\x05q')
    await lab.until(() => lab.shown() === 'lab$ Xabcdef\nghijklmnopq█')
    lab.console.input('r')
    await lab.until(() => lab.shown() === 'lab$ Xabcdef\nghijklmnopqr\n█')
    lab.console.resize({ columns: 30, rows: 10 })
    await lab.until(() => lab.shown() === 'lab$ Xabcdefghijklmnopqr█')
  })

  it('gives wide characters two columns', async () => {
    const lab = openConsole({ columns: 10 })
    lab.console.paste('日本語')
    await lab.until(() => lab.shown() === 'lab$ 日本\n語█')
    expect(lab.console.screen.cursor.column).toBe(2)
  })

  it('inserts one pasted line and does not run it', async () => {
    const lab = openConsole({ commands: hello })
    lab.console.paste('hello\nhello\n')
    await lab.until(() => lab.shown() === 'lab$ hello█')
    expect(lab.shell.ran).toEqual([])
  })

  it('feeds typed lines to a command that reads its input', async () => {
    const lab = openConsole({
      commands: {
        cat: async (_line, streams) => {
          for await (const chunk of streams.stdin ?? []) streams.stdout(chunk)
          return 0
        },
      },
    })
    lab.console.input('cat\r')
    await lab.until(() => lab.console.busy)
    lab.console.input('hi\r')
    await lab.until(() => lab.shown() === 'lab$ cat\nhi\nhi\n█')
    lab.console.input('\x04')
    await lab.until(() => lab.shown().endsWith('hi\nlab$ █'))
  })
})

describe('the shell of a pod', () => {
  const pod = async (
    line: string,
    out: (text: string) => void,
    interrupted: () => Promise<void>,
  ) => {
    if (line === 'ping') {
      out('PING web\r\n')
      await interrupted()
      out('\r\n1 packets transmitted\r\n')
    } else if (line === 'progress') {
      out('  1%')
      out('\r 50%\r100%\r\n')
    } else if (line === 'prompts') {
      out('/ # ')
      out('is a prompt\r\nand $ ')
      out('is another\r\n')
    } else if (line === 'noend') out('a b c')
    else out(`did ${line}\r\n`)
  }

  it('opens, runs lines and closes, with the lab prompt back', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    expect(lab.console.place).toBe('pod')
    expect(lab.console.session).toMatchObject({ pod: 'test', openedBy: 'open test' })
    expect(lab.kinds()).toContain('session-opened')
    await lab.console.run('ls', 'pod')
    expect(lab.shown()).toBe(
      "lab$ open test\nIf you don't see a command prompt, try p\nressing enter.\n/ # ls\ndid ls\n/ # █",
    )
    await lab.console.run('exit', 'pod')
    await lab.until(() => lab.kinds().includes('session-closed'))
    expect(lab.shown().split('\n').slice(-3)).toEqual(['/ # exit', 'pod "test" deleted', 'lab$ █'])
    expect(finished(lab.events)).toMatchObject([
      { line: 'open test', output: ["If you don't see a command prompt, try pressing enter."] },
      { line: 'ls', place: 'pod', output: ['did ls'] },
      { line: 'exit', place: 'pod', output: ['pod "test" deleted'] },
    ])
    expect(lab.console.session).toBeUndefined()
    expect(lab.console.place).toBe('lab')
  })

  it('keeps the pod shell open while the lab runs commands, and shows its line again', async () => {
    const lab = openConsole({ pod, commands: hello })
    await lab.console.run('open test', 'lab')
    lab.console.input('hal')
    await lab.until(() => lab.shown().endsWith('/ # hal█'))
    await lab.console.run('hello', 'lab')
    expect(lab.console.place).toBe('lab')
    expect(lab.console.session).toMatchObject({ pod: 'test' })
    expect(lab.shown()).toMatch(/\/ # hal\nlab\$ hello\none\ntwo\nlab\$ █$/)
    lab.console.switchTo('pod')
    await lab.until(() => lab.shown().endsWith('two\n/ # hal█'))
    lab.console.input('f\r')
    await lab.until(() => lab.shown().endsWith('/ # half\ndid half\n/ # █'))
    expect(lab.shell.podLines).toEqual(['half'])
  })

  it('knows the line that the pod recalled from its history', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    await lab.console.run('ls', 'pod')
    const asked = new Promise((resolve) => {
      lab.console.beforeRun = async (line, place) => {
        resolve(`${place} ${line}`)
        return 'hold'
      }
    })
    lab.console.input('\x1b[A\r')
    expect(await asked).toBe('pod ls')
    await lab.until(() => lab.shown().endsWith('/ # ls█'))
    expect(lab.shell.podLines).toEqual(['ls'])
  })

  it('catches a word with a colon before the pod sees it run', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    lab.console.input(':why\r')
    await lab.until(() => lab.kinds().includes('word-typed'))
    await lab.until(() => lab.shown().endsWith('/ # █'))
    expect(lab.events).toContainEqual({ kind: 'word-typed', word: 'why' })
    expect(lab.shell.podLines).toEqual([])
  })

  it('stops a program by Ctrl-C and keeps what it printed', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    const done = lab.console.run('ping', 'pod')
    await lab.until(() => lab.shown().endsWith('PING web\n█'))
    expect(lab.console.busy).toBe(true)
    lab.console.interrupt()
    await done
    expect(finished(lab.events).at(-1)).toMatchObject({
      line: 'ping',
      output: ['PING web', '^C', '1 packets transmitted'],
      exitCode: undefined,
    })
  })

  it('does not take prompts inside of output for the prompt', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    await lab.console.run('prompts', 'pod')
    await lab.console.run('noend', 'pod')
    await lab.console.run('progress', 'pod')
    expect(
      finished(lab.events)
        .map((event) => event.output)
        .slice(1),
    ).toEqual([['/ # is a prompt', 'and $ is another'], ['a b c'], ['100%']])
  })

  it('presses Enter for a shell whose first prompt nobody saw', async () => {
    const lab = openConsole({ pod, greeting: '' })
    await lab.console.run('open test', 'lab')
    expect(lab.shown()).toMatch(/\/ # █$/)
    await lab.console.run('ls', 'pod')
    expect(finished(lab.events).at(-1)).toMatchObject({ output: ['did ls'] })
  })

  it('puts the end of a session that ended meanwhile above the lab prompt, and keeps the typed text', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    lab.console.switchTo('lab')
    lab.console.input('hel')
    await lab.until(() => lab.shown().endsWith('/ #\nlab$ hel█'))
    lab.shell.endSession()
    await lab.until(() => lab.kinds().includes('session-closed'))
    expect(lab.console.session).toBeUndefined()
    await lab.until(() => lab.shown().endsWith('/ #\npod "test" deleted\nlab$ hel█'))
    lab.console.switchTo('pod')
    expect(lab.console.place).toBe('lab')
  })

  it('answers the pod that asks for the cursor, and nothing else', async () => {
    const lab = openConsole({
      pod: (line, out) => {
        if (line === 'ask') out('\x1b[6n\x1b[c\x1b]52;c;aGk=\x07\x1b]0;title\x07\r\n')
        if (line === 'end') out('\r\n')
      },
    })
    await lab.console.run('open test', 'lab')
    await lab.console.run('ask', 'pod')
    await lab.console.run('end', 'pod')
    // The answer is typed into the fake shell, which keeps it as part of its next line.
    expect(lab.shell.podLines[1]).toMatch(/^(\x1b\[\d+;\d+R)?end$/)
    expect(lab.shown()).not.toContain('title')
  })

  it('ends sessions and commands at close, twice without harm', async () => {
    const lab = openConsole({ pod })
    await lab.console.run('open test', 'lab')
    await lab.console.close()
    await lab.console.close()
    expect(lab.console.session).toBeUndefined()
  })

  it('says what is missing when a pod line has no pod', async () => {
    const lab = openConsole()
    await expect(lab.console.run('ls', 'pod')).rejects.toThrow('no pod shell')
  })
})

describe('the cells', () => {
  it('gives a line as runs of equal style, with control characters left out', async () => {
    const lab = openConsole({
      commands: {
        color: (_line, streams) => {
          streams.stdout('\x1b[31mred\x1b[0m \x1b[1mbold\x1b[0m a\u202eb\n')
          return 0
        },
      },
    })
    await lab.console.run('color', 'lab')
    expect(
      lab.console.screen.line(1).map(({ text, bold, color }) => ({ text, bold, color })),
    ).toEqual([
      { text: 'red', bold: false, color: 1 },
      { text: ' ', bold: false, color: undefined },
      { text: 'bold', bold: true, color: undefined },
      { text: ' ab', bold: false, color: undefined },
    ])
  })
})
