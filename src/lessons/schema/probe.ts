import * as z from 'zod'
import type { ProbeSource, ProbeSpec } from '../model.ts'
import { podReference, port, probeProtocol, text } from './common.ts'

/** The fields that a probe has, wherever one is written. */
export const probeFields = {
  from: podReference,
  to: text.describe(
    'a host name, an address, service/NAME, pod/NAMESPACE/NAME or pod/NAMESPACE/label=value',
  ),
  port: port.optional(),
  protocol: probeProtocol.default('TCP'),
  control: podReference.optional(),
}

const probeObject = z.object(probeFields)

export function toProbe(fields: z.infer<typeof probeObject>): ProbeSpec {
  return {
    from: toSource(fields.from),
    to: fields.to,
    protocol: fields.protocol,
    ...(fields.port === undefined ? {} : { port: fields.port }),
    ...(fields.control === undefined ? {} : { control: toSource(fields.control) }),
  }
}

/** `default/bar` names a pod, `default/app=foo` the first Running pod with that label. */
export function toSource(reference: string): ProbeSource {
  const slash = reference.indexOf('/')
  const namespace = reference.slice(0, slash)
  const rest = reference.slice(slash + 1)
  if (!rest.includes('=')) return { namespace, pod: rest }
  const labels: Record<string, string> = {}
  for (const pair of rest.split(',')) {
    const at = pair.indexOf('=')
    labels[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return { namespace, labels }
}
