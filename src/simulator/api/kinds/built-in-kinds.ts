import { apiVersionOf, KINDS, type KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { KindName } from '../../ports.ts'
import { decodeStruct } from '../schema/decode.ts'
import { structOf } from '../schema/schema.ts'
import { isKindName, STRATEGIES } from '../strategies/strategies.ts'
import { COLUMNS } from '../tables/columns.ts'
import { eventFromCore, eventToCore } from './event-versions.ts'
import { scalerFromV2, scalerToV2 } from './scaler-versions.ts'
import type { ServedKind } from './served-kind.ts'

/** The table entry of a built-in kind. */
export function infoOf(kind: KindName): KindInfo {
  const info = KINDS.find((entry) => entry.kind === kind)
  if (info === undefined) throw new TypeError(`no kind ${kind}`)
  return info
}

/** Every built-in kind in every version that is served. */
export function builtInKinds(): readonly ServedKind[] {
  return [
    ...storedKinds(),
    builtIn(
      'HorizontalPodAutoscaler',
      { ...infoOf('HorizontalPodAutoscaler'), version: 'v1' },
      { fromStorage: scalerFromV2, toStorage: scalerToV2 },
    ),
    builtIn(
      'Event',
      { ...infoOf('Event'), group: 'events.k8s.io' },
      { fromStorage: eventFromCore, toStorage: eventToCore },
    ),
  ]
}

/** Every built-in kind in the version that is stored. */
export function storedKinds(): readonly ServedKind[] {
  return KINDS.flatMap((info) => (isKindName(info.kind) ? [builtIn(info.kind, info)] : []))
}

const same = (object: AnyKubeObject) => object

function builtIn(
  kind: KindName,
  info: KindInfo,
  conversion: Pick<ServedKind, 'fromStorage' | 'toStorage'> = {
    fromStorage: same,
    toStorage: same,
  },
): ServedKind {
  const struct = structOf({ apiVersion: apiVersionOf(info), kind })
  return {
    stored: kind,
    info,
    struct,
    strategy: STRATEGIES[kind],
    columns: COLUMNS[kind],
    listKind: `${kind}List`,
    itemsNameKind: false,
    decode: (value, options) => decodeStruct(struct, kind, info.version, value, options),
    ...conversion,
  }
}
