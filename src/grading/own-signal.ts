/** A signal for one of many calls: Node warns of a leak where eleven of them listen to the same one. */
export function ownSignal(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal])
}
