import { LabError } from '../../base/errors.ts'

/** @throws LabError ERR_USAGE for anything but a number from 0 to 65535 */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new LabError('ERR_USAGE', `--port takes a number from 0 to 65535; ${text} is none.`)
}
