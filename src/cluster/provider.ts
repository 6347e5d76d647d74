import type { LabError } from '../base/errors.ts'
import type { KubeClient } from '../kube/client.ts'

export type ClusterKind = 'simulated' | 'kind' | 'context'

/** A way to put right what a provider lacks. */
export interface Fix {
  readonly label: string
  /** A command to paste, where there is one. */
  readonly command?: string
}

/** What a provider found when it looked at this computer. Looking changes nothing. */
export interface Readiness {
  readonly state: 'ready' | 'not-ready' | 'choice-needed'
  /** A few words for the list: `ready`, `not ready`, `3 found`. */
  readonly word: string
  /** One or two sentences on what was found. */
  readonly found: string
  readonly fixes: readonly Fix[]
  /** What opening would reject with, where it is known already. */
  readonly error?: LabError
  /** Names to choose from, where there are several (contexts). */
  readonly choices?: readonly string[]
}

/** One real action while a cluster is opened. Reported again when its state changes. */
export interface OpeningAction {
  readonly id: string
  readonly title: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** Seconds so far, or in all. */
  readonly seconds?: number
  readonly detail?: string
}

export interface OpenOptions {
  readonly signal: AbortSignal
  readonly onAction: (action: OpeningAction) => void
  /** Images that the lesson's world and commands need, to be there before step 1. */
  readonly images: readonly string[]
  /** Named context, for `context`. */
  readonly context?: string
  /** The learner said yes to the use of that cluster. */
  readonly consent?: boolean
}

/** What can become of the cluster when the learner leaves. The first is the harmless one. */
export interface LeaveChoice {
  readonly id: 'keep' | 'save' | 'destroy'
  readonly label: string
  readonly sentence: string
}

/** An opened cluster. Everything above speaks to it through `client` alone. */
export interface Cluster {
  readonly kind: ClusterKind
  /** For headers and reports: `simulated cluster`, `kind cluster netpol-lab`. */
  readonly title: string
  /** The lab's own kubeconfig file, mode 0600. */
  readonly kubeconfig: string
  readonly client: KubeClient
  readonly leaveChoices: readonly LeaveChoice[]
  /** Sentences that the learner should read: a saved cluster that was set aside. */
  readonly notes?: readonly string[]
  /** Writes the state down where the provider keeps state itself; cheap; safe at any time. */
  save(): Promise<void>
  /** Closes the connection and does what was chosen. Can run twice. */
  leave(choice: LeaveChoice['id']): Promise<void>
}

/** How a kind of cluster is found, opened and removed. */
export interface ClusterProvider {
  readonly kind: ClusterKind
  readonly title: string
  /** Two lines for the start screen: what it is. */
  readonly about: string
  detect(options: { readonly signal: AbortSignal }): Promise<Readiness>
  /** Opens or makes the cluster. Cleans up after itself when it fails or the signal aborts; rejects with `LabError`. */
  open(options: OpenOptions): Promise<Cluster>
  /** Removes what `open` made. Fine where there is nothing. */
  remove(options: { readonly signal: AbortSignal }): Promise<void>
}
