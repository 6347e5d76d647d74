import { KubectlError, notInLab } from '../kubectl-error.ts'

/** Commands that kubectl has and the lab's does not: each says what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  autoscale: 'Use kubectl scale instead.',
  certificate: '',
  completion: 'The lab completes words with the Tab key.',
  cordon: '',
  cp: 'Use kubectl exec with cat instead.',
  debug: 'Run a pod with kubectl run --rm -it --image=busybox instead.',
  drain: '',
  edit: 'Edit the file in your work folder and apply it: kubectl get KIND NAME -o yaml shows what is there, kubectl apply -f FILE changes it.',
  kustomize: 'Apply the files of the folder with kubectl apply -f instead.',
  options: 'Use kubectl COMMAND --help instead.',
  plugin: '',
  'port-forward':
    'Reach the pod from another pod, which policies can forbid: kubectl run --rm -it --image=busybox tmp -- wget -qO- ADDRESS.',
  proxy: '',
  taint: '',
  top: 'The lab measures no load.',
  uncordon: '',
}

/** Commands that stand only before another word, and those of kubectl's that the lab does not have there. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  auth: ['reconcile'],
  config: [
    'delete-cluster',
    'delete-context',
    'delete-user',
    'get-clusters',
    'get-contexts',
    'get-users',
    'rename-context',
    'set',
    'set-cluster',
    'set-context',
    'set-credentials',
    'unset',
    'use-context',
  ],
  rollout: [],
  set: ['selector', 'serviceaccount', 'subject'],
}

/**
 * Says what is wrong with a word such as `rollout` that none of its commands follows.
 *
 * @param words all words of the line
 */
export function refuseGroup(words: readonly string[]): void {
  const [group = '', word] = words
  const missing = GROUPS[group]
  if (missing === undefined || word === undefined) return
  if (missing.includes(word)) {
    const instead =
      group === 'set'
        ? 'Change it with kubectl patch, or edit the file and apply it.'
        : group === 'config'
          ? 'The lab has one cluster; -n names another namespace.'
          : ''
    throw notInLab(`the command ${group} ${word}`, instead)
  }
  throw new KubectlError(
    `unknown command ${JSON.stringify(words.slice(1).join(' '))}\nSee 'kubectl ${group} -h' for help and examples`,
  )
}

/** Kinds that kubectl makes from flags and the lab's does not. */
const NOT_CREATED: ReadonlySet<string> = new Set([
  'pc',
  'pdb',
  'poddisruptionbudget',
  'priorityclass',
  'secret',
  'token',
])

/** Refuses `create KIND` of such a kind. */
export function refuseMissingKind([command, kind = '', type = '']: readonly string[]): void {
  if (command !== 'create' || !NOT_CREATED.has(kind)) return
  const what =
    kind === 'secret' ? `the command create secret ${type}` : `the command create ${kind}`
  throw notInLab(what.trim(), 'Write a file and apply it.')
}

/** Whether a word is the first of several commands. */
export function isGroup(word: string): boolean {
  return word in GROUPS
}

/** Refuses a command of kubectl that the lab does not have; nothing where the word is no such command. */
export function refuseMissingCommand(word: string): void {
  const instead = INSTEAD[word]
  if (instead !== undefined) throw notInLab(`the command ${word}`, instead)
}
