import type { Status } from '../../../kube/objects.ts'

/**
 * The frames of `v4.channel.k8s.io` and `v5.channel.k8s.io`: binary, the first byte is the channel.
 * Models k8s.io/apimachinery pkg/util/remotecommand and k8s.io/client-go tools/remotecommand/websocket.go.
 */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Best first. */
export const CHANNEL_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

/** The protocol to speak with a client that offers these, or `undefined` where none fits. */
export function chooseProtocol(offered: readonly string[]): string | undefined {
  return CHANNEL_PROTOCOLS.find((name) => offered.includes(name))
}

/** One frame of the server. */
export function frame(channel: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength + 1)
  bytes[0] = channel
  bytes.set(data, 1)
  return bytes
}

/** What a client sent. `undefined` for frames that mean nothing to the server; they are ignored. */
export type ClientFrame =
  | { readonly kind: 'stdin'; readonly data: Uint8Array }
  | { readonly kind: 'stdin-closed' }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }

/** Reads one frame of the client. */
export function readClientFrame(bytes: Uint8Array): ClientFrame | undefined {
  const data = bytes.subarray(1)
  switch (bytes[0]) {
    case CHANNEL.stdin:
      return { kind: 'stdin', data }
    case CHANNEL.resize:
      return readResize(data)
    case CHANNEL.close:
      return data[0] === CHANNEL.stdin ? { kind: 'stdin-closed' } : undefined
    default:
      return undefined
  }
}

/** A terminal's size as clients write it: `{"Width":80,"Height":24}`. */
export function readResize(
  data: Uint8Array,
): Extract<ClientFrame, { readonly kind: 'resize' }> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data))
    if (typeof value !== 'object' || value === null) return undefined
    const columns: unknown = Reflect.get(value, 'Width')
    const rows: unknown = Reflect.get(value, 'Height')
    if (typeof columns !== 'number' || typeof rows !== 'number') return undefined
    if (!(columns > 0 && rows > 0 && columns < 65_536 && rows < 65_536)) return undefined
    return { kind: 'resize', columns: Math.trunc(columns), rows: Math.trunc(rows) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The Status at the end of a stream: how the process ended. */
export function exitStatus(code: number | undefined): Omit<Status, 'kind' | 'apiVersion'> {
  if (code === undefined || code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
