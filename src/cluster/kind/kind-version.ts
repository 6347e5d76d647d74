/** The version in what `kind version` prints: `kind v0.27.0 go1.24.4 linux/amd64`. `undefined` where it is something else. */
export function parseKindVersion(output: string): KindVersion | undefined {
  const match = /\bv?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?/.exec(output)
  if (match === null) return undefined
  const [, major, minor, patch] = match
  return {
    major: Number(major),
    minor: Number(minor),
    text: `${major}.${minor}.${patch}${match[4] ?? ''}`,
  }
}

export interface KindVersion {
  readonly major: number
  readonly minor: number
  /** `0.27.0`. */
  readonly text: string
}

/** kind 0.24 is the first whose network plugin enforces NetworkPolicy (kubernetes-sigs/kind#842). */
export const LEAST_KIND = '0.24'

export function isNewEnough(version: KindVersion): boolean {
  return version.major > 0 || version.minor >= 24
}
