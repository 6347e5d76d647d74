import { expect, it } from 'vitest'
import { createRowSlots } from '../../../src/tui/screen/row-slots.ts'
import { createTheme } from '../../../src/tui/theme/theme.ts'

const { write } = createTheme({ color: true, ascii: false })

it('puts rows in the places that their signs were given', () => {
  const slots = createRowSlots({ write, onChange: () => {} })
  const left = slots.open(2)
  const right = slots.open(2)
  left.write([[{ text: 'one' }], [{ text: 'two', style: { bold: true } }]])
  right.write([[{ text: 'a' }], []])
  const [first = '', second = ''] = left.signs
    .split('\n')
    .map((sign, row) => `${sign}     ${right.signs.split('\n')[row]}`)
  expect(slots.fill(`${first}\n${second}`)).toBe('one   a\n\x1b[1mtwo\x1b[22m   ')
})

it('tells of every change, and shows nothing of rows that were closed', () => {
  let changes = 0
  const slots = createRowSlots({ write, onChange: () => changes++ })
  const slot = slots.open(1)
  slot.write([[{ text: 'x' }]])
  expect(changes).toBe(1)
  const { signs } = slot
  slot.close()
  expect(slots.fill(signs)).toBe('')
})

it('keeps text apart from signs, whatever it contains', () => {
  const slots = createRowSlots({ write, onChange: () => {} })
  const one = slots.open(1)
  const two = slots.open(1)
  two.write([[{ text: 'other' }]])
  one.write([[{ text: `pod says ${two.signs}` }]])
  expect(slots.fill(one.signs)).toBe(`pod says ${two.signs}`)
})
