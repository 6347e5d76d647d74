import * as z from 'zod'
import { OUTCOMES } from '../model.ts'

/** Building blocks of the schemas of lesson files. Descriptions are read out in messages: "Add "title": a short text." */
export const text = z.string().trim().min(1).describe('a text that is not empty')
export const id = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .describe('a name of small letters, digits and dashes, such as bar-reaches-web')
export const points = z.int().min(0).max(100).describe('a whole number from 0 to 100')
export const port = z.int().min(1).max(65535).describe('a port number from 1 to 65535')
export const probeProtocol = z.enum(['TCP', 'UDP', 'SCTP', 'ICMP', 'DNS'])
export const expectedOutcome = z.enum([...OUTCOMES, 'blocked'])
export const namespace = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
  .describe('the name of a namespace')
/** A file beside the lesson, never outside. */
export const localFile = z
  .string()
  .min(1)
  .describe('the name of a YAML file beside the lesson, such as solution/allow-dns.yaml')

/** `default/web` or `default/app=foo`. */
export const podReference = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[^\s/]+(?:\/[^\s=]+=[^\s]*)?$/)
  .describe(
    'a pod as namespace/name or namespace/label=value, such as default/bar or default/app=foo',
  )

export const mistakeId = z
  .enum([
    'too-wide-subject',
    'too-narrow-subject',
    'wrong-subject',
    'no-pod-selected',
    'wrong-namespace',
    'wrong-direction',
    'extra-direction',
    'types-missing',
    'empty-means-all',
    'own-ns-only',
    'any-ns',
    'outside-forgotten',
    'outside-opened',
    'too-wide-peer',
    'peer-missing',
    'and-or',
    'label-logic',
    'rule-split',
    'rule-product',
    'dns-missing',
    'dns-wide',
    'dns-one-protocol',
    'service-port',
    'port-wide',
    'port-number',
    'port-name',
    'range',
    'protocol',
    'one-side',
    'reply-rule',
    'deny-thinking',
    'cidr-pods',
    'except-given-back',
    'not-policy',
    'other',
  ])
  .describe('one of the mistake ids of the course')
