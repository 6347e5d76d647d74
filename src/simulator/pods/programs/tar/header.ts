/** Every part of an archive is made of these. */
export const BLOCK = 512

export type MemberKind = 'file' | 'directory' | 'link' | 'hard link' | 'other'

/** What an archive says of one of its members. */
export interface Member {
  /** A folder's ends in a slash. */
  readonly name: string
  readonly kind: MemberKind
  readonly mode: number
  /** Bytes of content that follow. */
  readonly size: number
  readonly modifiedMs: number
  /** Where a link leads. */
  readonly target: string
}

/** What is wrong with an archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

const TYPES: Readonly<Record<string, MemberKind>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hard link',
  '2': 'link',
  '5': 'directory',
  '7': 'file',
}

/** A header of POSIX (ustar) or GNU's; `undefined` for a block of zeros, which ends an archive. Throws `ArchiveError`. */
export function readHeader(
  block: Uint8Array,
): { readonly type: string; readonly member: Member } | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  const text = (at: number, length: number) => {
    const field = block.subarray(at, at + length)
    const end = field.indexOf(0)
    return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end))
  }
  if (text(257, 5) !== 'ustar') throw new ArchiveError('invalid tar magic')
  if (number(block, 148, 8) !== checksum(block))
    throw new ArchiveError('invalid tar header checksum')
  const type = String.fromCharCode(block[156] ?? 0)
  // Behind GNU's magic is no prefix, but other things.
  const prefix = text(257, 8).startsWith('ustar ') ? '' : text(345, 155)
  const name = `${prefix === '' ? '' : `${prefix}/`}${text(0, 100)}`
  const kind = TYPES[type] ?? 'other'
  return {
    type,
    member: {
      // Old archives have no type for folders.
      kind: kind === 'file' && name.endsWith('/') ? 'directory' : kind,
      name,
      mode: number(block, 100, 8) & 0o7777,
      size: kind === 'file' || kind === 'other' ? number(block, 124, 12) : 0,
      modifiedMs: number(block, 136, 12) * 1000,
      target: text(157, 100),
    },
  }
}

/** A number in octal digits, or where the first bit says so in binary (GNU). */
function number(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length)
  const first = field[0] ?? 0
  if ((first & 0x80) !== 0)
    return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f)
  return Number.parseInt(new TextDecoder('latin1').decode(field).trim(), 8) || 0
}

/** The sum of all bytes, with blanks where the sum itself stands. */
function checksum(block: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
  return sum
}

const LETTERS: Readonly<Record<MemberKind, string>> = {
  file: '0',
  'hard link': '1',
  link: '2',
  directory: '5',
  other: '0',
}

/** The blocks before a member's content, as BusyBox and GNU write them: names too long for a header go before it. */
export function writeHeader(member: Member): Uint8Array {
  const parts = [
    ...longText('K', member.target),
    ...longText('L', member.name),
    headerBlock(LETTERS[member.kind], member),
  ]
  return Buffer.concat(parts)
}

function longText(type: string, text: string): Uint8Array[] {
  const data = new TextEncoder().encode(`${text}\0`)
  if (data.length - 1 <= 100) return []
  const header = headerBlock(type, {
    name: '././@LongLink',
    kind: 'other',
    mode: 0o644,
    size: data.length,
    modifiedMs: 0,
    target: '',
  })
  return [header, padded(data)]
}

function headerBlock(type: string, member: Member): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const put = (at: number, length: number, text: string) =>
    block.set(new TextEncoder().encode(text).subarray(0, length), at)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  put(0, 100, member.name)
  put(100, 8, octal(member.mode, 7))
  put(108, 8, octal(0, 7))
  put(116, 8, octal(0, 7))
  put(124, 12, octal(member.size, 11))
  put(136, 12, octal(Math.max(0, Math.floor(member.modifiedMs / 1000)), 11))
  put(156, 1, type)
  put(157, 100, member.target)
  put(257, 8, 'ustar  ')
  put(265, 32, 'root')
  put(297, 32, 'root')
  put(148, 8, `${octal(checksum(block), 6)}\0 `)
  return block
}

/** Filled up with zeros to whole blocks. */
export function padded(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / BLOCK) * BLOCK)
  out.set(data)
  return out
}
