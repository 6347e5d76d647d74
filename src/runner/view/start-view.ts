import type { ClusterKind, Readiness } from '../../cluster/provider.ts'
import type { ClusterChoice } from '../app-ports.ts'
import type { ChoiceQuestion, StartSnapshot, StatusLine } from '../snapshot.ts'
import { plain } from '../status-line.ts'

interface StartPlace {
  readonly readiness: ReadonlyMap<ClusterKind, Readiness>
  readonly question: 'context' | 'consent' | undefined
  readonly context: string | undefined
}

/** The first screen: every kind of cluster with what was found of it so far. */
export function startSnapshot(
  choices: readonly ClusterChoice[],
  place: StartPlace,
  remembered: ClusterKind | undefined,
  last: StatusLine,
): StartSnapshot {
  const first = remembered ?? defaultKind(place.readiness)
  return {
    firstStart: remembered === undefined,
    clusters: choices.map((choice) => {
      const readiness = place.readiness.get(choice.kind)
      return {
        kind: choice.kind,
        title: choice.title,
        about: choice.about,
        word: readiness?.word,
        found: readiness?.found ?? 'looking …',
        fixes: readiness?.fixes ?? [],
        isDefault: choice.kind === first,
        choices: readiness?.choices ?? [],
      }
    }),
    question: question(place),
    last,
    now: plain(
      place.question === undefined
        ? 'Enter starts with the marked one. It is remembered; s changes it.'
        : 'A number marks a choice. Enter does it.',
    ),
  }
}

/** A kind cluster where one can be made, else the simulated one. */
function defaultKind(readiness: ReadonlyMap<ClusterKind, Readiness>): ClusterKind {
  return readiness.get('kind')?.state === 'ready' ? 'kind' : 'simulated'
}

function question(place: StartPlace): ChoiceQuestion | undefined {
  if (place.question === 'context') {
    return {
      id: 'context',
      title: 'Which cluster?',
      text: ['These contexts are in your kubeconfig. It is read and never changed.'],
      excerpt: undefined,
      choices: (place.readiness.get('context')?.choices ?? []).map((name) => ({
        label: name,
        note: '',
      })),
      marked: 0,
      escape: 'back',
    }
  }
  if (place.question === 'consent') {
    return {
      id: 'consent',
      title: 'Use this cluster?',
      text: [
        `The lab would make namespaces of its own in ${place.context ?? 'this cluster'}, each labelled as the lab's,`,
        'and pods, services and policies in them. It touches nothing that it did not make.',
      ],
      excerpt: undefined,
      choices: [
        { label: 'No, choose again', note: 'nothing happens' },
        { label: `Yes, use ${place.context ?? 'it'}`, note: 'the enforcement test runs first' },
      ],
      marked: 0,
      escape: 'back',
    }
  }
  return undefined
}
