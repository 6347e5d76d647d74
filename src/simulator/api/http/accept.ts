/** What a client wants the answer to look like. */
export type Representation =
  | { readonly as: 'object' }
  | { readonly as: 'table'; readonly version: string }

/**
 * Reads the `Accept` header: a Table where it is asked for first, else the object. JSON is given to everybody: clients that prefer
 * protobuf take it too.
 */
export function representationOf(accept: string | undefined): Representation {
  for (const part of (accept ?? '').split(',')) {
    const [type, ...parameters] = part.split(';').map((text) => text.trim())
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    const values = new Map(
      parameters.map((text) => {
        const at = text.indexOf('=')
        return [text.slice(0, at), text.slice(at + 1)] as const
      }),
    )
    if (values.get('as') === 'Table' && values.get('g') === 'meta.k8s.io') {
      return { as: 'table', version: values.get('v') ?? 'v1' }
    }
    if (!values.has('as')) return { as: 'object' }
  }
  return { as: 'object' }
}
