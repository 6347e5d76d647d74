import { errors } from '../status.ts'

/** What a client wants the answer to look like. */
export type Representation =
  | { readonly as: 'object' }
  /** Rows and columns, or the metadata alone, in a version of meta.k8s.io. */
  | { readonly as: 'table' | 'metadata'; readonly version: string }

type Format = 'json' | 'yaml'

/** One entry of the `Accept` header that this server can answer. */
interface Accepted {
  readonly format: Format
  readonly representation: Representation
}

const FORMATS: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
}

/** The first entry that can be answered. Protobuf is never written: clients that prefer it take JSON too. */
function acceptedOf(accept: string | undefined): Accepted | undefined {
  if (accept === undefined || accept.trim() === '') {
    return { format: 'json', representation: { as: 'object' } }
  }
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim())
    const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined
    if (format === undefined) continue
    const values = new Map(
      parameters.map((text) => {
        const at = text.indexOf('=')
        return [text.slice(0, at), text.slice(at + 1)] as const
      }),
    )
    const as = values.get('as')
    if (as === undefined) return { format, representation: { as: 'object' } }
    if (values.get('g') !== 'meta.k8s.io') continue
    const version = values.get('v') ?? 'v1'
    if (as === 'Table') return { format, representation: { as: 'table', version } }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { format, representation: { as: 'metadata', version } }
    }
  }
  return undefined
}

/** Reads the `Accept` header: a Table or metadata where it is asked for first, else the object. */
export function representationOf(accept: string | undefined): Representation {
  return acceptedOf(accept)?.representation ?? { as: 'object' }
}

/** JSON or YAML; JSON for those who take neither, since they have to be told so. */
export function preferredFormat(accept: string | undefined): Format {
  return acceptedOf(accept)?.format ?? 'json'
}

/**
 * JSON or YAML.
 * @throws ApiError 406 where the client takes neither
 */
export function formatOf(accept: string | undefined): Format {
  const accepted = acceptedOf(accept)
  if (accepted === undefined) throw errors.notAcceptable(['application/json', 'application/yaml'])
  return accepted.format
}
