import { runKubectl } from '../kubectl/kubectl.ts'
import type { LabCommand } from './lab-command.ts'

/** `kubectl`, on the lab's one cluster. */
export const kubectlCommand: LabCommand = {
  name: 'kubectl',
  summary: 'Work on the cluster, as kubectl does',
  usage: ['kubectl COMMAND [FLAGS]', 'kubectl --help lists its commands'],
  words: 'none',
  run: runKubectl,
}
