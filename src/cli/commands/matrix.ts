import { LabError } from '../../base/errors.ts'
import { readEnvironment } from '../../platform/environment.ts'
import { groupMatrix } from './group-matrix.ts'
import { readManifestFiles } from './manifest-files.ts'
import { diffText, diffWorlds, isSame } from './matrix-diff.ts'
import { matrixCsv, matrixDot, matrixJson, matrixTable } from './matrix-text.ts'
import { openWorld, type WorldOptions, worldNotes } from './open-world.ts'
import { groupPods } from './pod-groups.ts'
import { InventedAddresses, type PolicyWorld, worldOfManifests } from './policy-world.ts'
import { print } from './print.ts'

export interface MatrixOptions extends WorldOptions {
  readonly namespace?: readonly string[]
  readonly json?: boolean
  readonly csv?: boolean
  readonly dot?: boolean
  readonly diff?: readonly string[]
  readonly ascii?: boolean
  readonly color: 'auto' | 'always' | 'never'
}

/** Where stdout is no terminal. */
const USUAL_WIDTH = 120

/** Shows who may reach whom. @returns 0; with `--diff` 1 where something changes */
export async function matrix(options: MatrixOptions): Promise<number> {
  const formats = [options.json, options.csv, options.dot].filter((one) => one === true)
  if (formats.length > 1) {
    throw new LabError('ERR_USAGE', 'Choose one of --json, --csv and --dot.')
  }
  if (options.diff !== undefined && (options.csv === true || options.dot === true)) {
    throw new LabError('ERR_USAGE', '--diff is printed as text or with --json.')
  }
  if (options.filename?.includes('-') === true && options.diff?.includes('-') === true) {
    throw new LabError('ERR_USAGE', 'Only one of -f and --diff can read stdin.')
  }
  const addresses = new InventedAddresses()
  const world = await openWorld(options, addresses)
  if (options.diff !== undefined) {
    const other = worldOfManifests(await readManifestFiles(options.diff), addresses)
    return await printDiff(world, other, options)
  }
  const groups = groupPods(world)
  const wanted = options.namespace
  for (const name of wanted ?? []) {
    if (groups.some(({ namespace }) => namespace === name)) continue
    throw new LabError('ERR_USAGE', `There is no pod in namespace ${name}.`)
  }
  const found = groupMatrix(
    world.state,
    groups,
    ({ namespace }) => wanted === undefined || wanted.includes(namespace),
  )
  if (found.rows.length === 0) {
    throw new LabError('ERR_USAGE', 'There are no pods, so there is nobody to reach.', {
      next: ['Name the manifests of the pods, too: -f pods.yaml -f policies.yaml'],
    })
  }
  await print(
    options.json === true
      ? matrixJson(found)
      : options.csv === true
        ? matrixCsv(found)
        : options.dot === true
          ? matrixDot(found)
          : matrixTable(found, tableOptions(options)),
  )
  say(world)
  return 0
}

async function printDiff(
  world: PolicyWorld,
  other: PolicyWorld,
  options: MatrixOptions,
): Promise<number> {
  const diff = diffWorlds(world, other)
  const same = isSame(diff)
  await print(
    options.json === true ? `${JSON.stringify({ same, ...diff }, null, 2)}\n` : diffText(diff),
  )
  say(world)
  return same ? 0 : 1
}

function tableOptions({ color, ascii }: MatrixOptions) {
  const environment = readEnvironment()
  const isTerminal = process.stdout.isTTY === true
  return {
    color:
      color === 'always' ||
      (color === 'auto' && isTerminal && !environment.noColor && environment.term !== 'dumb'),
    ascii: ascii === true || environment.lab.ascii || !environment.utf8,
    width: isTerminal ? process.stdout.columns : USUAL_WIDTH,
  }
}

function say(world: PolicyWorld): void {
  for (const note of worldNotes(world)) process.stderr.write(`${note}\n`)
}
