import { ProgramError } from '../busybox-program.ts'

/** Text that was read has its own form: it may be a number too. */
export type Value = string | number | { readonly text: string }

/** Throws `ProgramError` for a division by zero. */
export function arithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      if (right === 0) throw new ProgramError('cmd. line:1: Division by zero')
      return left / right
    case '%':
      if (right === 0) throw new ProgramError('cmd. line:1: Division by zero')
      return left % right
    default:
      return left ** right
  }
}

/** The number that a value is, or that its text begins with. */
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value : value.text
  return Number(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(text)?.[0] ?? 0)
}

/** A number, text of the input that looks like one, or what was never set. */
export function isNumeric(value: Value): boolean {
  if (typeof value !== 'object') return typeof value === 'number'
  return /^\s*(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?\s*$/.test(value.text)
}

/** Whether a value counts as true: a number that is not 0, text that is not empty. */
export function truth(value: Value): boolean {
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  return isNumeric(value) && value.text.trim() !== '' ? toNumber(value) !== 0 : value.text !== ''
}
