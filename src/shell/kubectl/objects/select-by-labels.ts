import { parseLabelSelector } from '../../../kube/label-selector.ts'
import { KubectlError } from '../kubectl-error.ts'
import type { Target } from '../targets.ts'
import { stringMap } from '../values.ts'

/** Those objects of files that `-l` selects. @throws KubectlError for a selector that cannot be read */
export function selectByLabels(targets: readonly Target[], selector: string): readonly Target[] {
  if (selector.trim() === '') return targets
  let parsed: ReturnType<typeof parseLabelSelector>
  try {
    parsed = parseLabelSelector(selector)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new KubectlError(`the provided selector ${JSON.stringify(selector)} is not valid: ${why}`)
  }
  return targets.filter((target) => parsed.matches(stringMap(target.object?.metadata.labels)))
}
