import { labelKeyProblems } from '../../../kube/label-validation.ts'
import type { KubeObject } from '../../../kube/objects.ts'

const STANDARD: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

/**
 * What the server warns of about finalizers that an object did not have yet: generateWarningsFromObj of
 * k8s.io/apiextensions-apiserver pkg/registry/customresource.
 */
export function finalizerWarnings(object: KubeObject, previous?: KubeObject): readonly string[] {
  const known = previous?.metadata.finalizers ?? []
  return (object.metadata.finalizers ?? [])
    .filter((name) => !known.includes(name))
    .sort()
    .flatMap((name) => {
      const at = `metadata.finalizers: ${JSON.stringify(name)}:`
      const problems = labelKeyProblems(name).map((problem) => `${at} ${problem}`)
      if (name.includes('/') || STANDARD.has(name)) return problems
      const path = name.includes('.') ? ' including a path (/)' : ''
      return [
        ...problems,
        `${at} prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
      ]
    })
}
