import { LabError } from '../../base/errors.ts'
import { lint as lintPolicies } from '../../policy/lint.ts'
import { openWorld, type WorldOptions, worldNotes } from './open-world.ts'
import { print } from './print.ts'

export interface LintOptions extends WorldOptions {
  readonly json?: boolean
}

/** Finds mistakes that policies often have. @returns 0 without findings, 1 with */
export async function lint(options: LintOptions): Promise<number> {
  const world = await openWorld(options)
  const { policies } = world.state
  // Policies of files are looked at, with those of a cluster as what is there beside them.
  const own =
    options.filename === undefined
      ? policies
      : policies.filter(
          ({ metadata }) =>
            world.placeOf(
              { namespace: metadata.namespace ?? 'default', name: metadata.name },
              [],
            ) !== undefined,
        )
  if (own.length === 0 && options.filename !== undefined) {
    throw new LabError('ERR_USAGE', `There is no NetworkPolicy in ${options.filename.join(', ')}.`)
  }
  const findings = lintPolicies(world, own).map((finding) => {
    const place = world.placeOf(finding.policy, finding.path)
    return place === undefined ? finding : { ...finding, place }
  })
  if (options.json === true) {
    await print(`${JSON.stringify({ policies: own.length, findings }, null, 2)}\n`)
  } else {
    for (const { id, policy, found, consequence, repair, ...rest } of findings) {
      const place = 'place' in rest ? `${rest.place}: ` : ''
      await print(
        `${place}${policy.namespace}/${policy.name}: ${id}\n  ${found}\n  ${consequence}\n  ${repair}\n\n`,
      )
    }
    const count = `${own.length} ${own.length === 1 ? 'policy' : 'policies'}`
    await print(
      findings.length === 0
        ? `Nothing found in ${count}.\n`
        : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} in ${count}.\n`,
    )
  }
  if (world.state.pods.length === 0) {
    process.stderr.write(
      'There are no pods, so what selectors and port names match was not looked at. Add the manifests of the pods, or --context.\n',
    )
  }
  for (const note of worldNotes(world)) process.stderr.write(`${note}\n`)
  return findings.length === 0 ? 0 : 1
}
