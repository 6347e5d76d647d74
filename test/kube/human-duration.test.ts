import { expect, it } from 'vitest'
import { humanDuration } from '../../src/kube/human-duration.ts'

const S = 1000
const M = 60 * S
const H = 60 * M
const D = 24 * H

// The cases of apimachinery's own duration_test.go.
it.each([
  [-2 * S, '<invalid>'],
  [-1 * S, '0s'],
  [0, '0s'],
  [S, '1s'],
  [70 * S, '70s'],
  [119 * S, '119s'],
  [120 * S, '2m'],
  [190 * S, '3m10s'],
  [70 * M, '70m'],
  [179 * M, '179m'],
  [180 * M, '3h'],
  [3 * H + 30 * M, '3h30m'],
  [7 * H + 59 * M, '7h59m'],
  [8 * H, '8h'],
  [47 * H, '47h'],
  [49 * H, '2d1h'],
  [7 * D + 23 * H, '7d23h'],
  [8 * D + 23 * H, '8d'],
  [2 * 365 * D - 1, '729d'],
  [2 * 365 * D, '2y'],
  [3 * 365 * D + 20 * D, '3y20d'],
  [8 * 365 * D, '8y'],
])('%d ms is %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})
