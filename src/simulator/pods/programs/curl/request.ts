import type { ProgramContext } from '../../process/program.ts'
import { pathOf } from '../../process/program-context.ts'
import type { CurlOptions } from './options.ts'
import type { TransferFacts } from './write-out.ts'

export interface CurlRequest {
  readonly method: string
  readonly lines: readonly string[]
  readonly head: Uint8Array
  readonly body: Uint8Array
}

/** The request that curl sends. `before`: what it asked last, where it follows a redirect. */
export async function curlRequest(
  context: ProgramContext,
  { flags, values }: CurlOptions,
  target: URL,
  before: TransferFacts | undefined,
): Promise<CurlRequest> {
  const last = (name: string) => values.get(name)?.at(-1)
  const data = await dataOf(context, values)
  const json = values.get('json') ?? []
  const getData = flags.has('get') && data !== undefined
  // A redirect after 301, 302 and 303 turns a POST into a GET.
  const again =
    before !== undefined && before.method === 'POST' && [301, 302, 303].includes(before.status)
  const text =
    again || getData ? undefined : (data ?? (json.length > 0 ? json.join('') : undefined))
  const method =
    last('request') ?? (flags.has('head') ? 'HEAD' : text !== undefined ? 'POST' : 'GET')
  const given = values.get('header') ?? []
  const named = (name: string) =>
    given.find((header) => new RegExp(`^${name}[:;]`, 'i').test(header))
  const query = getData
    ? `${target.search === '' ? '?' : `${target.search}&`}${data}`
    : target.search
  const version = flags.has('http1.0') ? '1.0' : '1.1'
  const lines = [`${method} ${target.pathname}${query} HTTP/${version}`]
  const standard = (name: string, value: string | undefined) => {
    if (value !== undefined && named(name) === undefined) lines.push(`${name}: ${value}`)
  }
  standard('Host', target.host)
  const user = last('user')
  if (user !== undefined) standard('Authorization', `Basic ${Buffer.from(user).toString('base64')}`)
  standard('User-Agent', last('user-agent') ?? 'curl/8.12.1')
  standard('Accept', json.length > 0 ? 'application/json' : '*/*')
  standard('Referer', last('referer'))
  standard('Cookie', last('cookie'))
  if (flags.has('compressed')) standard('Accept-Encoding', 'deflate, gzip')
  // `Name:` without a value takes a header away, `Name;` sends an empty one.
  for (const header of given) {
    if (/^[^:]+;$/.test(header)) lines.push(`${header.slice(0, -1)}:`)
    else if (!/^[^:]+:\s*$/.test(header)) lines.push(header)
  }
  const body = new TextEncoder().encode(text ?? '')
  if (text !== undefined) {
    standard('Content-Length', String(body.length))
    standard(
      'Content-Type',
      json.length > 0 ? 'application/json' : 'application/x-www-form-urlencoded',
    )
  }
  return { method, lines, body, head: new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`) }
}

async function dataOf(
  context: ProgramContext,
  values: CurlOptions['values'],
): Promise<string | undefined> {
  const parts: string[] = []
  const file = async (name: string) =>
    name === '-'
      ? new TextDecoder().decode(await context.stdin.readAll())
      : context.container.files.readText(pathOf(context, name))
  for (const name of ['data', 'data-ascii', 'data-binary']) {
    for (const text of values.get(name) ?? []) {
      if (!text.startsWith('@')) parts.push(text)
      else {
        const content = await file(text.slice(1))
        parts.push(name === 'data-binary' ? content : content.replaceAll(/[\r\n]/g, ''))
      }
    }
  }
  parts.push(...(values.get('data-raw') ?? []))
  for (const text of values.get('data-urlencode') ?? []) {
    const at = text.indexOf('=')
    const encode = (value: string) => encodeURIComponent(value).replaceAll('%20', '%20')
    parts.push(
      at <= 0 ? encode(text.slice(at + 1)) : `${text.slice(0, at)}=${encode(text.slice(at + 1))}`,
    )
  }
  return parts.length === 0 ? undefined : parts.join('&')
}
