import type { Command, KeyBinding } from '../keys.ts'
import { placeBehind } from '../place/place.ts'
import type { Overlay, PaneName } from '../place/surface-state.ts'
import { createCarryOut } from './carry-out.ts'
import type { FindField } from './find-field.ts'
import { helpEntries } from './help-entries.ts'
import type { Scrolling } from './scrolling.ts'
import type { SurfaceCore } from './surface-core.ts'

/** Carries out keys and words of the table. */
export interface Performer {
  /** Does what a binding says, or says why not. */
  perform(binding: KeyBinding): void
  focus(pane: PaneName): void
}

const PANES: readonly PaneName[] = ['lesson', 'terminal', 'checks']

export function createPerformer(
  core: SurfaceCore,
  parts: { readonly scrolling: Scrolling; readonly find: FindField },
): Performer {
  const { model } = core
  const { scrolling, find } = parts

  const open = (overlay: Overlay) => {
    if (core.state.overlays.at(-1)?.kind === overlay.kind) return
    const marks = { ...core.state.marks }
    delete marks[overlay.kind]
    core.set({
      overlays: [...core.state.overlays, overlay],
      marks,
      filters: { ...core.state.filters, [overlay.kind]: '' },
    })
  }

  const focus = (pane: PaneName) => {
    if (pane === 'terminal' && model.console === undefined)
      return core.say('The terminal opens with the cluster.')
    const aside = core.state.debriefAside || placeBehind(model.snapshot, core.state) === 'debrief'
    core.set({
      focus: pane,
      visiting: false,
      overlays: [],
      debriefAside: aside,
      finding: undefined,
    })
  }

  const neighbour = (direction: 1 | -1): PaneName => {
    const at = PANES.indexOf(core.state.focus)
    return PANES[(at + direction + PANES.length) % PANES.length] ?? 'lesson'
  }

  const back = () => {
    if (core.state.overlays.length > 0)
      return core.set({ overlays: core.state.overlays.slice(0, -1) })
    const { snapshot } = model
    switch (core.place()) {
      case 'checks':
        return core.set({ focus: 'lesson' })
      case 'lesson':
        if (core.state.zoomed) return core.set({ zoomed: false })
        if (snapshot.place === 'lesson' && snapshot.run.debrief !== undefined)
          return core.set({ debriefAside: false })
        return core.say('There is no level above the lesson. q leaves.')
      case 'opening':
        return core.say('The cluster is being opened. Ctrl-C stops it and cleans up.')
      default:
        return core.send({ kind: 'escape' })
    }
  }

  /** A key chosen from the list acts on the place behind the list. */
  const runKey = (index: number) => {
    const binding = helpEntries(core.state)[index]
    if (binding === undefined) return
    const { overlays } = core.state
    core.set({ overlays: overlays.slice(0, -1) })
    const reason = binding.refuses(core.keyContext())
    if (reason !== undefined) {
      core.set({ overlays })
      return core.say(reason)
    }
    if (binding.command === 'interrupt' && core.place() === 'terminal')
      return model.console?.interrupt()
    run(binding.command)
  }

  const { enter, editFile } = createCarryOut(core, { open, back, focus, runKey })

  const onEditor = () => {
    const files = model.snapshot.place === 'lesson' ? (model.snapshot.run.files ?? []) : []
    if (files.length === 1) editFile(0)
    else open({ kind: 'editor' })
  }

  /** Goes to the panes first: what is asked for shows there. */
  const inPanes = (act: () => void) => {
    core.set({ overlays: [] })
    act()
  }

  const run = (command: Command): void => {
    const place = core.place()
    switch (command) {
      case 'mark-number':
        return
      case 'carry-out':
        return enter()
      case 'mark-previous':
        return scrolling.move(-1)
      case 'mark-next':
        return scrolling.move(1)
      case 'page-up':
        return scrolling.scrollPages(place, -1)
      case 'page-down':
        return scrolling.scrollPages(place, 1)
      case 'to-start':
        return scrolling.setTop(place, 0)
      case 'to-end':
        return scrolling.setTop(place, Number.MAX_SAFE_INTEGER)
      case 'next-pane':
        return focus(neighbour(1))
      case 'leave-terminal':
        return focus(neighbour(-1))
      case 'lesson':
        return model.snapshot.place === 'opening' ? open({ kind: 'reading' }) : focus('lesson')
      case 'terminal':
        return focus('terminal')
      case 'checks':
        return place === 'checks' ? core.send({ kind: 'run-checks' }) : focus('checks')
      case 'edit-first':
        focus('terminal')
        return core.send({ kind: 'edit-first' })
      case 'next-step':
        return inPanes(() => core.send({ kind: 'next-step' }))
      case 'previous-step':
        return inPanes(() => core.send({ kind: 'previous-step' }))
      case 'reset':
        return inPanes(() => core.send({ kind: 'ask-reset' }))
      case 'leave':
        return inPanes(() => core.send({ kind: 'ask-leave' }))
      case 'hints':
        return open({ kind: 'hints' })
      case 'copy':
        return open({ kind: 'copy' })
      case 'details':
        return open({ kind: 'details' })
      case 'help':
        return open({ kind: 'help' })
      case 'editor':
        return onEditor()
      case 'find':
        return find.open(place)
      case 'zoom':
        return core.set({ zoomed: !core.state.zoomed })
      case 'lessons':
        return core.send({ kind: 'show-lessons' })
      case 'settings':
        return core.send({ kind: 'show-settings' })
      case 'interrupt':
        return core.send({ kind: 'interrupt' })
      case 'repaint':
        return core.ports.repaint()
      case 'suspend':
        return core.ports.suspend?.()
      case 'back':
        return back()
    }
  }

  return {
    perform: (binding) => {
      const reason = binding.refuses(core.keyContext())
      if (reason !== undefined) core.say(reason)
      else run(binding.command)
    },
    focus,
  }
}
