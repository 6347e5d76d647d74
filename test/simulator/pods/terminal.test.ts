import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, createWorld, type World } from './world.ts'

/** A person at the terminal of a container: types, and reads what comes until it holds what is waited for. */
class Person {
  private shown = ''
  private readonly typed: Uint8Array[] = []
  private wakeProgram = () => {}
  private wakeReader = () => {}
  readonly stdout = (chunk: Uint8Array) => {
    this.shown += new TextDecoder().decode(chunk)
    this.wakeReader()
  }

  async *stdin(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.typed.shift()
      if (chunk !== undefined) yield chunk
      else {
        await new Promise<void>((resolve) => {
          this.wakeProgram = resolve
        })
      }
    }
  }

  type(text: string): void {
    this.typed.push(new TextEncoder().encode(text))
    this.wakeProgram()
  }

  /** Everything shown up to and with `text`. */
  async see(text: string): Promise<string> {
    for (;;) {
      const at = this.shown.indexOf(text)
      if (at !== -1) {
        const seen = this.shown.slice(0, at + text.length)
        this.shown = this.shown.slice(at + text.length)
        return seen
      }
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve
      })
    }
  }
}

let world: World
let container: RunningContainer
let person: Person

beforeEach(async () => {
  world = createWorld()
  addDns(world)
  person = new Person()
  container = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'alpine',
    container: { command: ['ash'], stdin: true, tty: true },
  })
  await world.clock.sleep(100)
  container.attach({
    stdin: person.stdin(),
    stdout: person.stdout,
    stderr: () => {},
    terminal: { columns: 80, rows: 24 },
  })
  // The prompt was shown before anyone looked; the first window size makes the shell draw it again.
  await person.see('\r/ # \u001b[J\r\u001b[4C')
})

afterEach(() => world.close())

describe('the shell at a terminal', () => {
  test('echoes what is typed, runs it at Enter and shows its prompt again', async () => {
    person.type('echo hi\r')
    expect(await person.see('\r\n/ # ')).toBe('echo hi\r\nhi\r\n/ # ')
  })

  test('shows the home folder as ~ in its prompt', async () => {
    person.type('cd\r')
    await person.see('~ # ')
    person.type('cd /etc\r')
    await person.see('/etc # ')
  })

  test('lets the line be edited with backspace, arrows, Home and End', async () => {
    person.type('ecHo b\u007f\u001b[H\u001b[C\u001b[C\u001b[3~h\u001b[Fworld\u001b[D\u001b[D!\r')
    expect(await person.see('wor!ld\r\n')).toContain('echo wor!ld')
    person.type('echo gone\u0015echo kept two\u0017three\r')
    expect(await person.see('kept three\r\n')).toBeTruthy()
  })

  test('brings earlier lines back with the arrows', async () => {
    person.type('echo one\r')
    await person.see('one\r\n/ # ')
    person.type('echo two\r')
    await person.see('two\r\n/ # ')
    person.type('\u001b[A\u001b[A\r')
    await person.see('\r\none\r\n/ # ')
  })

  test('completes commands and files at Tab, and lists what is possible at the second', async () => {
    person.type('cat /etc/resolv\t\r')
    await person.see('nameserver 10.96.0.10')
    await person.see('/ # ')
    person.type('ls /etc/host\t\t')
    await person.see('hostname  hosts')
  })

  test('throws the line away at Ctrl-C and says so', async () => {
    person.type('foo\u0003')
    expect(await person.see('\r\n/ # ')).toBe('foo^C\r\n/ # ')
    person.type('echo $?\r')
    await person.see('130\r\n')
  })

  test('interrupts the program that runs, not itself, at Ctrl-C', async () => {
    person.type('sleep 100\r')
    await person.see('sleep 100\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe('^C\r\n/ # ')
  })

  test('ends a loop at Ctrl-C, also one that never waits', async () => {
    person.type('while true; do sleep 1; done\r')
    await person.see('done\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe('^C\r\n/ # ')
    person.type('while :; do :; done\r')
    await person.see('done\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe('^C\r\n/ # ')
  })

  test('lets ping print its statistics at Ctrl-C', async () => {
    person.type('ping 10.244.0.99\r')
    await person.see('56 data bytes\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe(
      '^C\r\n--- 10.244.0.99 ping statistics ---\r\n1 packets transmitted, 0 packets received, 100% packet loss\r\n/ # ',
    )
  })

  test('ends a ping whose look-up hangs with 130', async () => {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'default' },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    })
    person.type('ping google.com\r')
    await person.see('google.com\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe('^C\r\n/ # ')
    person.type('echo $?\r')
    await person.see('130\r\n')
  })

  test('gives programs whole lines, with Ctrl-D as the end of the input', async () => {
    person.type('cat\r')
    await person.see('cat\r\n')
    person.type('hello\u007fp!\r')
    await person.see('hello\b \bp!\r\nhellp!\r\n')
    person.type('\u0004')
    await person.see('/ # ')
  })

  test('asks for more where a command is not complete', async () => {
    person.type('if true\r')
    await person.see('> ')
    person.type('then echo done; fi\r')
    await person.see('\r\ndone\r\n/ # ')
    person.type('cat <<E\r')
    await person.see('> ')
    person.type('doc\r')
    await person.see('> ')
    person.type('E\r')
    await person.see('\r\ndoc\r\n/ # ')
  })

  test('says when a background job has ended', async () => {
    person.type('sleep 1 &\r')
    await person.see('/ # ')
    await world.clock.sleep(1500)
    person.type('\r')
    await person.see('[1]+  Done                       sleep 1\r\n/ # ')
  })

  test('stops the program in front at Ctrl-Z, and lets it go on with bg and fg', async () => {
    person.type('sleep 100\r')
    await person.see('sleep 100\r\n')
    person.type('\u001a')
    expect(await person.see('/ # ')).toBe('^Z[1]+  Stopped                    sleep 100\r\n/ # ')
    person.type('echo $?; bg\r')
    await person.see('148\r\n[1] sleep 100\r\n/ # ')
    person.type('jobs\r')
    await person.see('[1]+  Running                    sleep 100\r\n/ # ')
    person.type('fg\r')
    await person.see('fg\r\nsleep 100\r\n')
    person.type('\u0003')
    expect(await person.see('/ # ')).toBe('^C\r\n/ # ')
    person.type('jobs; echo $?\r')
    await person.see('0\r\n/ # ')
  })

  test('stops a job in the background that reads the terminal', async () => {
    person.type('cat &\r')
    await person.see('cat &\r\n/ # ')
    person.type('\r')
    await person.see('[1]+  Stopped (tty input)        cat\r\n/ # ')
    person.type('fg\r')
    await person.see('cat\r\n')
    person.type('x\r')
    await person.see('x\r\nx\r\n')
    person.type('\u0004')
    await person.see('/ # ')
  })

  test('warns once before it leaves stopped jobs', async () => {
    person.type('sleep 100\r')
    await person.see('sleep 100\r\n')
    person.type('\u001a')
    await person.see('/ # ')
    person.type('exit\r')
    await person.see('You have stopped jobs.\r\n/ # ')
    person.type('exit\r')
    expect(await container.exited).toBe(148)
  })

  test('ends only the pipeline in front at Ctrl-C, not the jobs behind', async () => {
    person.type('sleep 50 &\r')
    await person.see('/ # ')
    person.type('sleep 60 | cat\r')
    await person.see('cat\r\n')
    person.type('\u0003')
    await person.see('/ # ')
    person.type('jobs\r')
    await person.see('[1]+  Running                    sleep 50\r\n/ # ')
  })

  test('lists the history, and finds a line of it with Ctrl-R', async () => {
    person.type('echo first\r')
    await person.see('\r\nfirst\r\n/ # ')
    person.type('echo second\r')
    await person.see('\r\nsecond\r\n/ # ')
    person.type('history\r')
    await person.see('   0 echo first\r\n   1 echo second\r\n   2 history\r\n/ # ')
    person.type('\u0012fir')
    await person.see("(reverse-i-search)'fir': echo first")
    person.type('\r')
    await person.see('\r\nfirst\r\n/ # ')
  })

  test('keeps what is typed ahead for the next program', async () => {
    person.type('sleep 1\recho later\r')
    await person.see('later\r\n/ # ')
  })

  test('ends at exit with its code, and at Ctrl-D on an empty line', async () => {
    person.type('exit 3\r')
    expect(await container.exited).toBe(3)
    const other = container.exec(['true'], { stdout: () => {}, stderr: () => {} })
    expect(await other.exited).toBeGreaterThanOrEqual(0)
  })

  test('wraps long lines at the width of the terminal', async () => {
    person.type(`echo ${'x'.repeat(100)}\r`)
    await person.see(`\r\n${'x'.repeat(100)}\r\n/ # `)
  })
})

describe('another terminal in the same container', () => {
  test('has a shell of its own, and Ctrl-D ends it', async () => {
    const second = new Person()
    const process = container.exec(['sh'], {
      stdin: second.stdin(),
      stdout: second.stdout,
      stderr: () => {},
      terminal: { columns: 40, rows: 10 },
    })
    await second.see('/ # ')
    second.type('hostname\r')
    await second.see('test\r\n/ # ')
    second.type('\u0004')
    expect(await process.exited).toBe(0)
  })
})
