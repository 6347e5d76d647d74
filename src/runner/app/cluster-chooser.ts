import { LabError } from '../../base/errors.ts'
import type { Readiness } from '../../cluster/provider.ts'
import { plain } from '../status-line.ts'
import type { AppCore, ChosenCluster } from './app-core.ts'

/** The first screen: what was found on this computer, and which cluster the lessons run on. */
export interface ClusterChooser {
  /** Shows the screen and looks for clusters; lines fill in as they are found. */
  show(): void
  /** The learner marked a kind of cluster, by its place in the list. */
  choose(index: number): Promise<void>
  /** An answer to the question for a context, or for consent. */
  answer(question: string, index: number): Promise<void>
  /** Takes a cluster and remembers it, then goes on to the wanted lesson. */
  settle(choice: ChosenCluster): Promise<void>
}

export function createClusterChooser(
  core: AppCore,
  next: {
    readonly openLesson: (id: string) => Promise<void>
    readonly showLessons: () => void
  },
): ClusterChooser {
  const { ports } = core

  const detectAll = async (since: number) => {
    await Promise.all(
      ports.clusters.map(async (choice) => {
        const readiness = await choice.detect(core.closing.signal)
        const { place } = core
        if (place.kind !== 'start') return
        const found = new Map([...place.readiness, [choice.kind, readiness]])
        if (found.size === ports.clusters.length) {
          const seconds = (ports.clock.now() - since) / 1000
          core.last = plain(`looked at this computer in ${seconds.toFixed(1)} s`)
        }
        core.go({ ...place, readiness: found })
      }),
    )
  }

  const settle = async (choice: ChosenCluster) => {
    const { cluster } = core
    if (cluster !== undefined) {
      await cluster.leave(cluster.leaveChoices[0]?.id ?? 'keep')
      core.cluster = undefined
    }
    core.chosen = choice
    core.settings = { cluster: choice.kind, context: choice.context }
    await ports.saveSettings(core.settings)
    const [only, ...others] = ports.lessons
    const lesson = core.wanted ?? (others.length === 0 ? only?.id : undefined)
    core.wanted = undefined
    if (lesson === undefined) return next.showLessons()
    await next.openLesson(lesson)
  }

  return {
    settle,
    show() {
      core.last = plain('looking at this computer')
      core.go({ kind: 'start', readiness: new Map(), question: undefined, context: undefined })
      core.start(detectAll(ports.clock.now()))
    },
    async choose(index) {
      const choice = ports.clusters[index]
      const { place } = core
      if (choice === undefined || place.kind !== 'start') return
      const readiness = place.readiness.get(choice.kind)
      if (choice.kind === 'context' && place.context === undefined) {
        if (readiness?.state === 'choice-needed') return core.go({ ...place, question: 'context' })
        return core.say(readiness?.found ?? 'still looking')
      }
      if (readiness !== undefined && readiness.state === 'not-ready') {
        core.chosen = { kind: choice.kind, context: undefined, consent: true }
        return core.fail(readiness.error ?? notReady(readiness))
      }
      await settle({ kind: choice.kind, context: place.context, consent: true })
    },
    async answer(question, index) {
      const { place } = core
      if (place.kind !== 'start') return
      if (question === 'context') {
        const context = place.readiness.get('context')?.choices?.[index]
        core.go({ ...place, question: context === undefined ? undefined : 'consent', context })
      } else if (question === 'consent') {
        const { context } = place
        core.go({ ...place, question: undefined, context: undefined })
        if (index === 1) await settle({ kind: 'context', context, consent: true })
      }
    },
  }
}

function notReady(readiness: Readiness): LabError {
  return new LabError('ERR_CLUSTER_UNREACHABLE', 'This cluster cannot be opened yet.', {
    why: readiness.found,
    next: readiness.fixes.map((fix) =>
      fix.command === undefined ? fix.label : `${fix.label}: ${fix.command}`,
    ),
  })
}
