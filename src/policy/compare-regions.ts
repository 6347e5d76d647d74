import type { PolicyType } from '../kube/objects.ts'
import { isPair } from './arena.ts'
import type { EndClass, PointMask, Reach } from './classes.ts'
import type { Difference } from './types.ts'

/** Two classes and the ports between them on which the sets differ. */
export interface Region {
  readonly from: EndClass
  readonly to: EndClass
  readonly kind: Difference['kind']
  readonly mask: PointMask
  /** The side that changed, for differences that the other side hides. */
  readonly side: PolicyType | undefined
  /** Regions of one cause: one example is enough for all. */
  readonly cause: string
}

/** What differs between each two classes: on connections, and on one side alone while the other hides it. */
export function regions(classes: readonly EndClass[], reach: Reach) {
  const differing: Region[] = []
  const masked: Region[] = []
  for (const from of classes) {
    for (const to of classes) {
      if (!from.members.some((one) => to.members.some((other) => isPair(one, other)))) continue
      const egress = [0, 1].map((view) => reach.side('Egress', view, from, to))
      const ingress = [0, 1].map((view) => reach.side('Ingress', view, from, to))
      const [egressBefore = 0n, egressAfter = 0n] = egress
      const [ingressBefore = 0n, ingressAfter = 0n] = ingress
      if (egressBefore === egressAfter && ingressBefore === ingressAfter) continue
      const was = egressBefore & ingressBefore
      const is = egressAfter & ingressAfter
      const cause = causeOf(from, to, egressBefore !== egressAfter, ingressBefore !== ingressAfter)
      const push = (list: Region[], kind: Region['kind'], mask: PointMask, side?: PolicyType) => {
        if (mask !== 0n)
          list.push({ from, to, kind, mask, side, cause: `${kind} ${side} ${cause}` })
      }
      push(differing, 'opened', is & ~was)
      push(differing, 'closed', was & ~is)
      const hidden = ~(was | is)
      push(masked, 'opened', egressAfter & ~egressBefore & hidden, 'Egress')
      push(masked, 'closed', egressBefore & ~egressAfter & hidden, 'Egress')
      push(masked, 'opened', ingressAfter & ~ingressBefore & hidden, 'Ingress')
      push(masked, 'closed', ingressBefore & ~ingressAfter & hidden, 'Ingress')
    }
  }
  return { differing, masked }
}

/** Which rules and policies of either set have a say: differences with the same ones teach the same. */
function causeOf(from: EndClass, to: EndClass, egress: boolean, ingress: boolean): string {
  const parts: unknown[] = []
  for (const view of [0, 1]) {
    const source = from.views[view]
    const target = to.views[view]
    if (egress) {
      for (const { namespace, name, egress: rules } of source?.egress ?? []) {
        parts.push(
          namespace,
          name,
          (rules ?? []).map((rule) => target?.admittedBy.has(rule)),
        )
      }
    }
    if (ingress) {
      for (const { namespace, name, ingress: rules } of target?.ingress ?? []) {
        parts.push(
          namespace,
          name,
          (rules ?? []).map((rule) => source?.admittedBy.has(rule)),
        )
      }
    }
    parts.push('|')
  }
  return JSON.stringify([egress, ingress, parts])
}
