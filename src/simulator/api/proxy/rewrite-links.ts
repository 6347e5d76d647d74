/** Where links of an answer lead: models Transport of k8s.io/apimachinery pkg/util/proxy. */
export interface LinkPlace {
  /** The path up to and with `proxy`. */
  readonly prefix: string
  /** Who answered: `10.244.0.5:80`. */
  readonly source: string
  /** Whom the client asked: `127.0.0.1:6443`. */
  readonly asked: string
}

const URL_PARTS = /^((?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?)([^?#]*)(.*)$/is

/** A link that leads through the proxy, where it means the same host and is absolute. */
export function rewriteLink(link: string, { prefix, source, asked }: LinkPlace): string {
  const [, origin = '', host = '', path = '', rest = ''] = URL_PARTS.exec(link) ?? []
  const isOther = host !== '' && host !== source && host !== asked
  if (isOther || !path.startsWith('/')) return link
  return `${host === asked ? origin : ''}${path.startsWith(prefix) ? '' : prefix}${path}${rest}`
}

/**
 * Attributes that hold links, by tag. The table of k8s.io/apimachinery pkg/util/proxy/transport.go; Copyright The Kubernetes Authors,
 * Apache-2.0.
 */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

const ATTRIBUTE_PATTERN = /[\s/]*([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/
/** Elements whose content is no markup. */
const RAW = ['script', 'style', 'textarea', 'title']

/** A page whose links lead through the proxy. Looks at each byte once, whatever the page. */
export function rewriteLinks(page: string, place: LinkPlace): string {
  const tag = /<(?:!--|([a-z][a-z0-9]*))/gi
  const attribute = new RegExp(ATTRIBUTE_PATTERN, 'y')
  let lower: string | undefined
  let out = ''
  let done = 0
  /** Goes on behind the next place where a text stands; false where there is none. */
  const skipTo = (text: string) => {
    lower ??= page.toLowerCase()
    const at = lower.indexOf(text, tag.lastIndex)
    if (at !== -1) tag.lastIndex = at
    return at !== -1
  }
  for (let match = tag.exec(page); match !== null; match = tag.exec(page)) {
    const name = match[1]?.toLowerCase()
    if (name === undefined) {
      if (!skipTo('-->')) break
      continue
    }
    attribute.lastIndex = tag.lastIndex
    for (let own = attribute.exec(page); own !== null; own = attribute.exec(page)) {
      const [, key = '', value] = own
      tag.lastIndex = attribute.lastIndex
      if (value === undefined || !(LINKS[name] ?? []).includes(key.toLowerCase())) continue
      const quote = /^["']/.exec(value)?.[0] ?? ''
      const link = value.slice(quote.length, value.length - quote.length)
      const start = attribute.lastIndex - quote.length - link.length
      out += page.slice(done, start) + rewriteLink(link, place)
      done = start + link.length
    }
    if (RAW.includes(name) && !skipTo(`</${name}`)) break
  }
  return out + page.slice(done)
}
