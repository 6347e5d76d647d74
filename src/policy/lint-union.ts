import type { NetworkPolicy } from '../kube/objects.ts'
import { compilePolicy } from './compile.ts'
import { rulesOf } from './evaluate.ts'
import type { LintFinding } from './lint.ts'
import { finding, type LintScene, podName, some, subjectsOf } from './lint-scene.ts'

/** A policy that is meant to deny, for pods to which others allow everything: policies only add up. */
export function lintUnion(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  const compiled = compilePolicy(policy)
  const subjects = subjectsOf(compiled, scene)
  if (subjects.length === 0) return []
  return (['Ingress', 'Egress'] as const).flatMap((direction) => {
    if (rulesOf(compiled, direction)?.length !== 0) return []
    const openers = subjects.map(({ end }) =>
      scene.prepared
        .policiesOn(end, direction)
        .find((other) =>
          (rulesOf(other, direction) ?? []).some(
            ({ peers, ports }) => peers.length === 0 && ports.length === 0,
          ),
        ),
    )
    const names = openers.flatMap((one) => (one === undefined ? [] : [one.name]))
    if (names.length < subjects.length) return []
    const word = direction.toLowerCase()
    return [
      finding('denies-nothing', policy, ['spec', word], {
        found: `It has no ${word} rule, and ${some(names)} ${new Set(names).size === 1 ? 'allows' : 'allow'} everything ${direction === 'Ingress' ? 'to' : 'from'} ${some(subjects.map(podName))}.`,
        consequence:
          'Policies only add up and none denies, so this one closes nothing, whatever its age or name.',
        repair: `To close these pods, delete or narrow ${some(names)}.`,
      }),
    ]
  })
}
