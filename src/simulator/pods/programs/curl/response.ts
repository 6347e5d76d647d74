import type { ByteReader } from '../../../http/byte-reader.ts'

export interface CurlHead {
  /** The status line, the headers and the empty line after them. */
  readonly lines: readonly string[]
  readonly status: number
  readonly size: number
  readonly length: number | undefined
  readonly location: string | undefined
  readonly contentType: string | undefined
  readonly keepsAlive: boolean
  body(withoutBody: boolean): AsyncGenerator<Uint8Array>
}

/** Reads the head of an answer; interim answers (1xx) are passed over. */
export async function readCurlHead(reader: ByteReader): Promise<CurlHead | 'empty' | 'no-http'> {
  for (;;) {
    const lines: string[] = []
    for (;;) {
      const line = await reader.readLine()
      if (line === undefined) return lines.length === 0 ? 'empty' : 'no-http'
      if (lines.length === 0 && !/^HTTP\/\d(\.\d)? \d{3}/.test(line)) return 'no-http'
      lines.push(line)
      if (line === '') break
    }
    const status = Number(/^\S+ (\d{3})/.exec(lines[0] ?? '')?.[1])
    if (status >= 100 && status < 200) continue
    return headOf(reader, lines, status)
  }
}

function headOf(reader: ByteReader, lines: readonly string[], status: number): CurlHead {
  const header = (name: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const given = header('content-length')
  const length = given !== undefined && /^\d+$/.test(given) ? Number(given) : undefined
  const chunked = header('transfer-encoding')?.toLowerCase() === 'chunked'
  return {
    lines,
    status,
    size: lines.reduce((sum, line) => sum + line.length + 2, 0),
    length,
    location: header('location'),
    contentType: header('content-type'),
    keepsAlive:
      header('connection')?.toLowerCase() !== 'close' && (length !== undefined || chunked),
    async *body(withoutBody) {
      if (withoutBody || status === 204 || status === 304) return
      if (chunked) yield* chunks(reader)
      else yield* counted(reader, length ?? Number.POSITIVE_INFINITY)
    },
  }
}

async function* counted(reader: ByteReader, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; ) {
    const chunk = await reader.read(Math.min(left, 16_384))
    if (chunk === undefined) return
    left -= chunk.length
    yield chunk
  }
}

async function* chunks(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const length = Number.parseInt((await reader.readLine()) ?? '0', 16)
    if (!(length > 0)) return
    yield* counted(reader, length)
    await reader.readLine()
  }
}
