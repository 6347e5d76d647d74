import { describe, expect, it } from 'vitest'
import { parseKeys } from '../../../src/shell/console/keys.ts'
import { createLineEditor } from '../../../src/shell/console/line-editor.ts'

function editor() {
  const line = createLineEditor()
  return {
    line,
    type: (data: string) => parseKeys(data).map((key) => line.press(key)),
    shown: () => `${line.text.slice(0, line.caret)}|${line.text.slice(line.caret)}`,
  }
}

describe('line editing as in bash', () => {
  it('moves by characters, words and to both ends', () => {
    const { type, shown } = editor()
    type('get pods\x1b[D\x1b[D')
    expect(shown()).toBe('get po|ds')
    type('\x01')
    expect(shown()).toBe('|get pods')
    type('\x1b[1;5C')
    expect(shown()).toBe('get| pods')
    type('\x1b[F\x1b[1;5D')
    expect(shown()).toBe('get |pods')
  })

  it('cuts to both ends and the word before the caret, and puts it back', () => {
    const { type, shown } = editor()
    type('kubectl get pods\x17')
    expect(shown()).toBe('kubectl get |')
    type('\x19')
    expect(shown()).toBe('kubectl get pods|')
    type('\x1b[1;5D\x0b')
    expect(shown()).toBe('kubectl get |')
    type('\x15')
    expect(shown()).toBe('|')
  })

  it('takes what a person sees as one character as one', () => {
    const { type, shown } = editor()
    type('e\u0301👩‍👧x\x7f\x7f')
    expect(shown()).toBe('e\u0301|')
    type('\x7f')
    expect(shown()).toBe('|')
  })

  it('walks the history and comes back to the line being typed', () => {
    const { line, type, shown } = editor()
    for (const text of ['one', 'two', 'two']) {
      line.set(text)
      line.take()
    }
    type('dra\x1b[A')
    expect(shown()).toBe('two|')
    type('\x1b[A\x1b[A')
    expect(shown()).toBe('one|')
    type('\x1b[B\x1b[B')
    expect(shown()).toBe('dra|')
  })

  it('looks back for a line with Ctrl-R, further with Ctrl-R again, and gives up with Ctrl-G', () => {
    const { line, type, shown } = editor()
    for (const text of ['apply -f a', 'get pods', 'apply -f b']) {
      line.set(text)
      line.take()
    }
    type('\x12app')
    expect(line.searchPrompt).toBe("(reverse-i-search)`app': ")
    expect(shown()).toBe('apply -f b|')
    type('\x12')
    expect(shown()).toBe('apply -f a|')
    type('\x07')
    expect(shown()).toBe('|')
    type('\x12get')
    expect(type('\r')).toEqual(['submit'])
    expect(line.take()).toBe('get pods')
  })

  it('asks its owner for Enter, Tab, Ctrl-C and Ctrl-L', () => {
    const { type } = editor()
    expect(type('\r\t\x03\x0c\x1b')).toEqual([
      'submit',
      'complete',
      'interrupt',
      'clear-screen',
      'nothing',
    ])
  })

  it('lets no control character into the line', () => {
    const { line, shown } = editor()
    line.insert('a\tb\x1b[2J\u202ec')
    expect(shown()).toBe('a b[2Jc|')
  })
})
