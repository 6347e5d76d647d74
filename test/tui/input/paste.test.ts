import { describe, expect, it } from 'vitest'
import { cleanPaste, promptPaste } from '../../../src/tui/input/paste.ts'

describe('paste', () => {
  it.each([
    ['$ kubectl get pods\n', 'kubectl get pods'],
    ['/ # wget -qO- http://web', 'wget -qO- http://web'],
    ['lab$ ls\r\n', 'ls'],
    ['echo "$ 5"', 'echo "$ 5"'],
  ])('drops the prompt and the last line end of %j', (text, line) => {
    expect(promptPaste(text)).toEqual({ kind: 'line', text: line })
  })

  it('keeps several lines together', () => {
    expect(promptPaste('a: 1\r\nb: 2\r\n')).toEqual({ kind: 'lines', text: 'a: 1\nb: 2' })
  })

  it('drops control characters', () => {
    expect(cleanPaste('a\x1b[Ab\x03\tc')).toBe('a[Ab\tc')
  })
})
