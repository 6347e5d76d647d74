import { busyboxProgram, parseOptions, UsageError } from './busybox-program.ts'
import { wholeInput } from './checksum-tools.ts'

/** cksum: the CRC of POSIX over the bytes and their number. */
const cksum = busyboxProgram(async (context, args) => {
  const { operands } = parseOptions(args, '')
  let status = 0
  for (const name of operands.length === 0 ? ['-'] : operands) {
    const data = await wholeInput(context, name)
    if (data === undefined) {
      status = 1
      continue
    }
    let sum = 0
    const add = (byte: number) => {
      sum ^= byte << 24
      for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c1_1db7 : sum << 1
    }
    for (const byte of data) add(byte)
    for (let length = data.length; length > 0; length = Math.floor(length / 256)) add(length & 255)
    const shown = operands.length === 0 ? '' : ` ${name}`
    await context.stdout.write(`${~sum >>> 0} ${data.length}${shown}\n`)
  }
  return status
})

/** comm: what stands in one, the other and both of two sorted files. */
const comm = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '123')
  const [first, second] = options.operands
  if (first === undefined || second === undefined || options.operands.length > 2)
    throw new UsageError('')
  const linesOf = async (name: string) => {
    const data = await wholeInput(context, name)
    if (data === undefined) return undefined
    const text = new TextDecoder().decode(data)
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  }
  const left = await linesOf(first)
  const right = await linesOf(second)
  if (left === undefined || right === undefined) return 1
  const indent = { '1': '', '2': '\t', '3': '\t\t' }
  if (options.has('1')) {
    indent['2'] = ''
    indent['3'] = '\t'
  }
  if (options.has('2')) indent['3'] = indent['3'].slice(1)
  for (let [one, two] = [0, 0]; one < left.length || two < right.length; ) {
    const [a, b] = [left[one], right[two]]
    const column = b === undefined ? '1' : a === undefined ? '2' : a < b ? '1' : a > b ? '2' : '3'
    if (column !== '2') one++
    if (column !== '1') two++
    if (!options.has(column))
      await context.stdout.write(`${indent[column]}${column === '2' ? b : a}\n`)
  }
  return 0
})

/** The programs that say whether files are the same. */
export const comparingTools = { cksum, comm }
