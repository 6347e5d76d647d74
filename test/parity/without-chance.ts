import type { LineResult } from '../shell/lab.ts'
import type { EntryOptions } from './transcript.ts'

/** What a command printed, with a word in brackets for what differs between two clusters or two runs. */
export function withoutChance({ out, err, code }: LineResult): LineResult {
  return { out: masked(out), err: masked(err), code }
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '[uid]'],
  [/(?<=Machine ID: +|machineID: )[0-9a-f]{32}/g, '[id]'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '[time]'],
  [/\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d/g, '[time]'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [-+]\d{4}/g, '[time]'],
  [/(resourceVersion\\?"?: \\?")\d+/g, '$1[version]'],
  [/(Resource Version: +)\d+/g, '$1[version]'],
  [/10\.96\.\d+\.\d+/g, '[service-ip]'],
  [/10\.244\.\d+\.\d+/g, '[pod-ip]'],
  [/(?<=kube-api-access-)[a-z0-9]{5}\b/g, '[name]'],
  // The hash of a template, in which a time may stand, and what generateName adds.
  [/(?<=[a-z0-9]-)[4-9bcdf]{6,10}\b(?!\.)/g, '[hash]'],
  [/(?<=[a-z0-9\]]-)(?!https\b)[bcdfghjklmnpqrstvwxz2456789]{5}\b(?!-|\.\w)/g, '[name]'],
  [/(\S*\/)?(LIVE|MERGED)(-\d+)?(?=\/)/g, '[folder]/$2'],
  [/\.\d{9} [-+]\d{4}/g, ''],
  [/^[EIW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ (\S+:)\d+/gm, '[log] $1'],
  [/plain\.[0-9a-f]{16}/g, 'plain.[id]'],
  [/127\.0\.0\.1:\d+/g, '[server]'],
  // Any patch release of kubectl 1.32, on any platform.
  [/((?:Client Version|gitVersion)"?: ?"?v1\.32)\.\d+/g, '$1.[patch]'],
  [/(gitCommit"?: ?"?)[0-9a-f]{40}/g, '$1[commit]'],
  [/(goVersion"?: ?"?)go[\d.]+/g, '$1[go]'],
  [/(platform"?: ?"?)\w+\/\w+/g, '$1[platform]'],
  [/containerd:\/\/[0-9a-f]{64}/g, 'containerd://[id]'],
  [/in \d+(\.\d+)?m?s \(\d+(\.\d+)?m?s including/g, 'in [age] ([age] including'],
  [/\b(\d+m)?\d+(\.\d+)?m?s\b/g, '[age]'],
  // The width of a column follows its widest cell, and those differ in what is masked above.
  [/(?<=\S) {2,}/g, '  '],
]

function masked(text: string): string {
  return MASKS.reduce((rest, [pattern, word]) => rest.replace(pattern, word), text)
}

/** The lines of the output in an order of their own. */
function sortedLines(result: LineResult): LineResult {
  return { ...result, out: result.out.split('\n').sort().join('\n') }
}

/** The last line of the output alone. */
function lastLine(result: LineResult): LineResult {
  return { ...result, out: result.out.split('\n').slice(-2).join('\n') }
}

/** A result as far as a command's options let it count. */
export function formFor(options: EntryOptions, result: LineResult): LineResult {
  if (options.unordered === true) return sortedLines(result)
  return options.ending === true ? lastLine(result) : result
}
