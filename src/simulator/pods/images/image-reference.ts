/** An image reference in full, as containerd resolves it. */
export interface ImageReference {
  /** `docker.io/library/nginx` */
  readonly name: string
  readonly tag: string
  /** `docker.io/library/nginx:latest` */
  readonly full: string
}

const NAME =
  /^(?:[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/

/** `undefined` for what is no reference: capital letters, a bad tag. */
export function parseImageReference(text: string): ImageReference | undefined {
  const match =
    /^(?<name>[^@]+?)(?::(?<tag>[A-Za-z0-9_][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      text,
    )
  const given = match?.groups?.name
  if (match === null || given === undefined) return undefined
  const [first = '', ...rest] = given.split('/')
  const hasDomain = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const domain = hasDomain ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  const path = hasDomain ? rest.join('/') : given
  if (!NAME.test(path)) return undefined
  const name = `${domain}/${domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path}`
  const digest = match.groups?.digest
  const tag = match.groups?.tag ?? (digest === undefined ? 'latest' : '')
  return {
    name,
    tag,
    full: `${name}${tag === '' ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`,
  }
}
