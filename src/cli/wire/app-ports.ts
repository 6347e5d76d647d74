import { join } from 'node:path'
import type { DenySignature } from '../../cluster/canary.ts'
import type { Cluster, ClusterKind } from '../../cluster/provider.ts'
import type { LessonEntry } from '../../lessons/load-catalogue.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { createProgressStore } from '../../progress/progress-store.ts'
import type { AppPorts, ClusterChoice } from '../../runner/app-ports.ts'
import { renderError } from '../render-error.ts'
import type { Lab } from './lab.ts'
import { saveSettings } from './settings.ts'

/** What the start screen says of each kind before anything is loaded that could open one. */
const ABOUT: readonly {
  readonly kind: ClusterKind
  readonly title: string
  readonly about: string
}[] = [
  {
    kind: 'simulated',
    title: 'Simulated cluster',
    about: 'A Kubernetes API inside this program. Nothing to install or clean up.',
  },
  {
    kind: 'kind',
    title: 'kind cluster',
    about: 'A real cluster in containers, made by the lab and removed by it.',
  },
  {
    kind: 'context',
    title: 'A cluster you have',
    about:
      'The lab works in namespaces of its own there. Your kubeconfig is read and never changed.',
  },
]

/**
 * Wires the app to the rest of the program. What is heavy is imported when it is first needed.
 *
 * @param drawn resolves when the first screen stands: looking for clusters starts programs, and would hold that screen up
 */
export function createAppPorts(
  lab: Lab,
  lessons: readonly LessonEntry[],
  terminalSize: () => { readonly columns: number; readonly rows: number },
  drawn: Promise<void>,
): AppPorts {
  const clock = createRealClock()
  const signatures = new WeakMap<Cluster, DenySignature>()
  const providers = async () => {
    const { createProviders } = await import('../../cluster/providers.ts')
    return createProviders({ environment: lab.environment, home: lab.home, clock })
  }
  const folderOf = (id: string) => {
    const entry = lessons.find((each) => each.id === id)
    if (entry === undefined) throw new TypeError(`No lesson ${id} in the catalogue.`)
    return entry.folder
  }
  return {
    clusters: ABOUT.map(
      (about): ClusterChoice => ({
        ...about,
        detect: async (signal) => {
          await drawn
          return (await providers())[about.kind].detect({ signal })
        },
      }),
    ),
    lessons,
    progress: createProgressStore(join(lab.home.data, 'progress'), clock.now),
    loadLesson: async (id) => {
      const { openLesson } = await import('../../lessons/load-lesson.ts')
      return openLesson(folderOf(id))
    },
    openCluster: async (kind, { context, ...options }) => {
      const { openProvenCluster } = await import('./open-cluster.ts')
      const proven = await openProvenCluster(lab, kind, {
        ...options,
        clock,
        ...(context === undefined ? {} : { context }),
      })
      signatures.set(proven.cluster, proven.denySignature)
      return proven.cluster
    },
    openRun: async (lesson, cluster, options) => {
      const { composeRun } = await import('./open-run.ts')
      return composeRun({
        ...options,
        lesson,
        cluster,
        clock,
        workFolders: join(lab.home.data, 'work'),
        progress: createProgressStore(join(lab.home.data, 'progress'), clock.now),
        asks: true,
        denySignature: signatures.get(cluster) ?? 'timeout',
        size: terminalSize(),
      })
    },
    saveSettings: (settings) => saveSettings(lab, settings),
    clock,
    writeReport: async (error) => {
      const path = join(
        lab.home.data,
        `report-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.txt`,
      )
      const host = `node ${process.version} on ${process.platform} ${process.arch}`
      await writeFileAtomically(path, `${host}\n${renderError(error)}\n`)
      return path
    },
  }
}
