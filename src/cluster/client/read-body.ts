import { StringDecoder } from 'node:string_decoder'
import type { Response } from 'node-fetch'
import { LabError } from '../../base/errors.ts'
import { toConnectionError } from './connection-error.ts'

/** Hands on the text of a body as it comes. */
export async function readText(
  response: Response,
  server: string,
  onText: (text: string) => void,
): Promise<void> {
  const decoder = new StringDecoder('utf8')
  try {
    for await (const chunk of response.body) {
      const text = Buffer.isBuffer(chunk) ? decoder.write(chunk) : chunk
      if (text !== '') onText(text)
    }
  } catch (error) {
    throw toConnectionError(error, server)
  }
  const rest = decoder.end()
  if (rest !== '') onText(rest)
}

/** The whole body: decoded where it is JSON, else its text. */
export async function readBody(
  response: Response,
  server: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    signal?.throwIfAborted()
    throw toConnectionError(error, server)
  }
  if (!(response.headers.get('content-type') ?? '').includes('json')) return text
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The cluster sent an answer that is cut off.', {
      why: `${server}: the answer is no JSON`,
      next: ['Try again. If it stays like this, look at the proxy in front of the cluster.'],
      cause: error,
    })
  }
}
