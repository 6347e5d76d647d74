import { useEffect, useReducer, useSyncExternalStore } from 'react'
import type { AppModel, AppSnapshot } from '../../runner/snapshot.ts'
import type { ConsoleScreen } from '../../shell/ports.ts'
import type { SurfaceState } from '../place/surface-state.ts'
import type { Surface } from '../surface/surface.ts'

export function useSnapshot(model: AppModel): AppSnapshot {
  return useSyncExternalStore(
    (listener) => model.subscribe(listener),
    () => model.snapshot,
  )
}

export function useSurfaceState(surface: Surface): SurfaceState {
  return useSyncExternalStore(surface.subscribe, () => surface.state)
}

/** Draws again whenever cells of the terminal changed; a screen that is not given is not watched. */
export function useScreen(screen: ConsoleScreen | undefined): void {
  const [, changed] = useReducer((count: number) => count + 1, 0)
  useEffect(() => screen?.subscribe(changed), [screen])
}
