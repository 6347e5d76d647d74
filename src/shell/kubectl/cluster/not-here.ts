import { notInLab } from '../kubectl-error.ts'

const OWN_SHELL = 'netpol-lab shell opens your own shell on this cluster.'

/** Commands that kubectl has and the lab's does not: each says what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  'api-versions': 'Use kubectl api-resources instead.',
  autoscale: 'Use kubectl scale instead.',
  certificate: OWN_SHELL,
  completion: 'The lab completes words with the Tab key.',
  cordon: OWN_SHELL,
  cp: 'Use kubectl exec with cat instead.',
  debug: 'Run a pod with kubectl run --rm -it --image=busybox instead.',
  diff: 'Use compare FILE to see what a file would change.',
  drain: OWN_SHELL,
  edit: 'Edit the file in your work folder and apply it: kubectl get KIND NAME -o yaml shows what is there, kubectl apply -f FILE changes it.',
  events: 'Use kubectl get events instead.',
  explain:
    'The reference is at https://kubernetes.io/docs/reference/kubernetes-api/; explain without kubectl explains connections.',
  kustomize: 'Apply the files of the folder with kubectl apply -f instead.',
  options: 'Use kubectl COMMAND --help instead.',
  patch: 'Edit the file and apply it, or use kubectl label and kubectl annotate.',
  plugin: OWN_SHELL,
  'port-forward':
    'Reach the pod from another pod: kubectl run --rm -it --image=busybox tmp -- wget -qO- ADDRESS.',
  proxy: OWN_SHELL,
  rollout: 'Use kubectl wait --for=condition=Available deployment/NAME instead.',
  set: 'Edit the file and apply it.',
  taint: OWN_SHELL,
  top: 'The lab measures no load.',
  uncordon: OWN_SHELL,
}

/** Refuses a command of kubectl that the lab does not have; nothing where the word is no such command. */
export function refuseMissingCommand(word: string): void {
  const instead = INSTEAD[word]
  if (instead !== undefined) throw notInLab(`the command ${word}`, instead)
}
