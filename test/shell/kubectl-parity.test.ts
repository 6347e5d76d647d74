import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { parseLine } from '../../src/shell/line/parse-line.ts'
import { type Lab, type LineResult, openLab } from './lab.ts'
import { PARITY_FILES, PARITY_LINES } from './parity-lines.ts'
import { findKubectl, runKubectl } from './real-kubectl.ts'

const kubectl = await findKubectl()
const reason = 'missing' in kubectl ? ` (skipped: ${kubectl.missing})` : ''

/** Two clusters that get the same commands, one from the real kubectl and one from the lab's. */
describe.skipIf('missing' in kubectl)(`the lab's kubectl beside the real one${reason}`, () => {
  let real: Lab
  let own: Lab
  let cache: string

  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-cache-'))
    const clock = createRealClock()
    real = await openLab({ clock })
    own = await openLab({ clock })
    for (const lab of [real, own]) {
      for (const [name, text] of Object.entries(PARITY_FILES)) await lab.write(name, text)
    }
  })

  afterAll(async () => {
    await Promise.all([real.close(), own.close()])
    await rm(cache, { recursive: true, force: true })
  })

  const callReal = (line: string): Promise<LineResult> => {
    const [command] = parseLine(line)
    const stdin = command?.hereDocument
    return runKubectl('path' in kubectl ? kubectl.path : '', command?.words.slice(1) ?? [], {
      kubeconfig: real.kubeconfig,
      cache,
      cwd: real.folder,
      ...(stdin === undefined ? {} : { stdin }),
    })
  }

  it.each(PARITY_LINES)('%s', async (line) => {
    const [wanted, given] = await Promise.all([callReal(line), own.run(line)])
    const form = (result: LineResult) =>
      UNORDERED.has(line) ? sorted(comparable(result)) : comparable(result)
    expect(form(given)).toEqual(form(wanted))
  })
})

/** Here the real kubectl goes through a Go map, whose order is another one at each run. */
const UNORDERED: ReadonlySet<string> = new Set(['kubectl label pod web --list'])

function sorted(result: LineResult): LineResult {
  return { ...result, out: result.out.split('\n').sort().join('\n') }
}

/** Without what differs between two clusters: ids, times, random names and addresses. */
function comparable({ out, err, code }: LineResult): LineResult {
  return { out: withoutChance(out), err: withoutChance(err), code }
}

function withoutChance(text: string): string {
  return (
    text
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d/g, 'TIME')
      .replace(/resourceVersion"?: "\d+"/g, 'VERSION')
      .replace(/10\.96\.\d+\.\d+/g, 'ADDRESS')
      .replace(/10\.244\.0\.\d+/g, 'ADDRESS')
      .replace(/(kube-api-access|-[a-z0-9]{9,10})-[a-z0-9]{5}/g, '$1-NAME')
      .replace(/127\.0\.0\.1:\d+/g, 'SERVER')
      .replace(/containerd:\/\/[0-9a-f]+/g, 'CONTAINER')
      .replace(/in \d+(\.\d+)?m?s \(\d+(\.\d+)?m?s including/g, 'in TIME (TIME including')
      // Ages differ by a second now and then, and with them the width of a column.
      .replace(/\b\d+m?s\b/g, 'AGE')
      .replace(/ {2,}/g, '  ')
  )
}
