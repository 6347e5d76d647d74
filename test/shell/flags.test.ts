import { describe, expect, it } from 'vitest'
import { type FlagSpec, parseDuration, parseFlags } from '../../src/shell/kubectl/flags.ts'

const SPECS: readonly FlagSpec[] = [
  { name: 'stdin', short: 'i', type: 'bool' },
  { name: 'tty', short: 't', type: 'bool' },
  { name: 'labels', short: 'l', type: 'string' },
  { name: 'filename', short: 'f', type: 'slice' },
  { name: 'env', type: 'array' },
  { name: 'replicas', type: 'int', default: '1' },
  { name: 'dry-run', type: 'string', default: 'none', alone: 'unchanged' },
  { name: 'since', type: 'duration' },
  { name: 'template', type: 'string', refused: 'Use -o jsonpath instead.' },
]
const parse = (...args: string[]) => parseFlags('kubectl run', SPECS, args)

describe('flags of kubectl', () => {
  it('takes values after a space, after =, and glued to a letter', () => {
    for (const args of [
      ['-l', 'a=b'],
      ['-la=b'],
      ['-l=a=b'],
      ['--labels', 'a=b'],
      ['--labels=a=b'],
    ]) {
      expect(parse(...args).flags.string('labels')).toBe('a=b')
    }
  })

  it('takes bundles of letters, the last one with a value', () => {
    const { flags, positionals } = parse('-itl', 'a=b', 'name')
    expect([flags.bool('stdin'), flags.bool('tty'), flags.string('labels')]).toEqual([
      true,
      true,
      'a=b',
    ])
    expect(positionals).toEqual(['name'])
  })

  it('splits slices at commas and keeps arrays whole', () => {
    const { flags } = parse('-f', 'a,b', '--filename=c', '--env=A=1,2', '--env', 'B=3')
    expect(flags.list('filename')).toEqual(['a', 'b', 'c'])
    expect(flags.list('env')).toEqual(['A=1,2', 'B=3'])
  })

  it('ends at -- and says how many words stood before', () => {
    expect(parse('x', '--', '-z', 'y')).toMatchObject({
      positionals: ['x', '-z', 'y'],
      beforeDash: 1,
    })
    expect(parse('x')).toMatchObject({ positionals: ['x'], beforeDash: -1 })
    expect(parse('-')).toMatchObject({ positionals: ['-'] })
  })

  it('has defaults, values of flags given alone, and knows what was given', () => {
    expect(parse().flags.int('replicas')).toBe(1)
    expect(parse('--dry-run').flags.string('dry-run')).toBe('unchanged')
    expect(parse('--dry-run=client').flags.string('dry-run')).toBe('client')
    expect(parse('--stdin=false').flags.has('stdin')).toBe(true)
    expect(parse('--stdin=false').flags.bool('stdin')).toBe(false)
    expect(parse('--since', '1m30s').flags.duration('since')).toBe(90_000)
  })

  it.each([
    [['--foo'], 'unknown flag: --foo'],
    [['-iz'], "unknown shorthand flag: 'z' in -z"],
    [['--labels'], 'flag needs an argument: --labels'],
    [['-il'], "flag needs an argument: 'l' in -l"],
    [
      ['--replicas=x'],
      'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ['--stdin=maybe'],
      'invalid argument "maybe" for "-i, --stdin" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['--since=5'], 'invalid argument "5" for "--since" flag: time: missing unit in duration "5"'],
    [['---x'], 'bad flag syntax: ---x'],
  ])('refuses %j with the words of pflag', (args, text) => {
    expect(() => parse(...args)).toThrow(`${text}\nSee 'kubectl run --help' for usage.`)
  })

  it('says of a flag that the lab does not have what to do instead', () => {
    expect(() => parse('--template=x')).toThrow(
      "the lab's kubectl does not have --template. Use -o jsonpath instead.",
    )
  })

  it('reads durations as Go does', () => {
    expect([
      parseDuration('1h2m3s'),
      parseDuration('500ms'),
      parseDuration('1.5m'),
      parseDuration('0'),
    ]).toEqual([3_723_000, 500, 90_000, 0])
    expect(parseDuration('x')).toBeUndefined()
    expect(parseDuration('-1s')).toBe(-1000)
  })
})
