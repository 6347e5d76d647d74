import * as z from 'zod'
import {
  expectedOutcome,
  id,
  localFile,
  mistakeId,
  namespace,
  podReference,
  points,
  port,
  text,
} from './common.ts'
import { probeFields } from './probe.ts'

const flow = z.strictObject({
  from: text.describe('namespace/pod, namespace/label=value, or an address'),
  to: text.describe('namespace/pod, namespace/label=value, or an address'),
  port: port.optional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP', 'ICMP']).default('TCP'),
  verdict: z.enum(['allow', 'deny']),
})

/** At most one of `outcome`, `flows`, `contains` and `absent` says when; without any, the sentence is the last resort. */
const mistake = z.strictObject({
  id: mistakeId,
  outcome: expectedOutcome.optional(),
  flows: z.array(flow).min(1).describe('a list with at least one flow').optional(),
  contains: z.record(z.string(), z.unknown()).describe('a part of a policy').optional(),
  absent: z.array(text).min(1).describe('a list of paths such as spec.policyTypes').optional(),
  says: text,
})

const base = {
  id,
  title: text,
  points,
  guard: z.boolean().default(false),
  success: text,
  mistakes: z.array(mistake).default([]),
  after: id.optional(),
}

const resource = z.strictObject({
  apiVersion: text,
  kind: text,
  namespace: namespace.optional(),
  name: text,
})

const resourceExpect = z
  .union([
    z.enum(['exists', 'absent']),
    z.strictObject({ condition: text, status: z.enum(['True', 'False', 'Unknown']) }),
    z.strictObject({ field: text, value: z.unknown() }),
  ])
  .describe('exists, absent, {condition, status} or {field, value}')

const checkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('resource'), resource, expect: resourceExpect }),
  z.strictObject({ ...base, kind: z.literal('probe'), ...probeFields, expect: expectedOutcome }),
  z.strictObject({
    ...base,
    kind: z.literal('policy'),
    namespaces: z.array(namespace).min(1).describe('a list with at least one namespace'),
    sameAs: localFile.optional(),
    flows: z.array(flow).min(1).describe('a list with at least one flow').optional(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('unchanged'),
    policies: z
      .array(podReference.describe('a policy as namespace/name'))
      .min(1)
      .describe('a list of policies as namespace/name'),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('output'),
    item: text.describe('the command of a console line of this step'),
  }),
])

export const checksSchema = z.array(checkSchema).min(1).describe('a list of checks')

export type CheckFields = z.infer<typeof checkSchema>
export type MistakeFields = z.infer<typeof mistake>
