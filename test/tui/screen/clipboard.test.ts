import { expect, it } from 'vitest'
import { clipboardSequence } from '../../../src/tui/screen/clipboard.ts'

it('asks the terminal to copy text, as base64 of UTF-8', () => {
  expect(clipboardSequence('grün', { tmux: false })).toBe('\x1b]52;c;Z3LDvG4=\x07')
})

it('asks tmux to pass it on, besides', () => {
  expect(clipboardSequence('a', { tmux: true })).toBe(
    '\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\',
  )
})
