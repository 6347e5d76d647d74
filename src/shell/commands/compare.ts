import type { NetworkPolicy } from '../../kube/objects.ts'
import { compare } from '../../policy/compare.ts'
import { describeDifference } from '../../policy/describe.ts'
import type { Comparison, PolicyState } from '../../policy/types.ts'
import type { KubectlCall } from '../kubectl/kubectl.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'
import { describeError } from '../kubectl/print-error.ts'
import { readPolicyFile, readPolicyState } from './cluster-policies.ts'
import type { LabCommand } from './lab-command.ts'

/** `compare A B`: whether the policies of two files mean the same; `compare A`: what applying a file would change. */
export const compareCommand: LabCommand = {
  name: 'compare',
  summary: 'Say whether two policy files mean the same, or what a file would change',
  usage: [
    'compare A.yaml B.yaml    whether both let the same connections through',
    'compare A.yaml           what applying the file would open and close',
  ],
  words: 'files',
  prose: true,
  async run(call, args) {
    const files = args.filter((arg) => !arg.startsWith('-'))
    const [first, second] = files
    if (first === undefined || files.length > 2 || files.length !== args.length) {
      call.err('compare: name one policy file or two, as in: compare a.yaml b.yaml\n')
      return 2
    }
    try {
      const world = await readPolicyState(call)
      return second === undefined
        ? await compareWithCluster(call, world, first)
        : await compareFiles(call, world, first, second)
    } catch (error) {
      call.signal.throwIfAborted()
      call.err(describeError(error).text)
      return 1
    }
  },
}

async function compareFiles(
  call: KubectlCall,
  world: PolicyState,
  first: string,
  second: string,
): Promise<number> {
  const before = await policiesOf(call, first)
  const after = await policiesOf(call, second)
  const comparison = compare({ ...world, policies: before }, { ...world, policies: after })
  if (comparison.same) {
    call.out(
      `${first} and ${second} mean the same: they let the same connections through.\nThis holds for every pod of this cluster, and for the labels, ports and addresses that only the files name.\n`,
    )
  } else {
    call.out(
      `${first} and ${second} do not mean the same. Put in the place of ${first}, ${second}\n`,
    )
    writeDifferences(call, comparison)
  }
  writeMasked(call, comparison)
  return comparison.same ? 0 : 1
}

async function compareWithCluster(
  call: KubectlCall,
  world: PolicyState,
  file: string,
): Promise<number> {
  const wanted = await policiesOf(call, file)
  const replaced = (policy: NetworkPolicy) => wanted.some((one) => idOf(one) === idOf(policy))
  const after = [...world.policies.filter((policy) => !replaced(policy)), ...wanted]
  const comparison = compare(world, { ...world, policies: after })
  if (comparison.same) {
    call.out(
      `${file} means the same as what is in the cluster: applying it opens and closes nothing.\n`,
    )
  } else {
    call.out(`Applying ${file} changes what may connect. It\n`)
    writeDifferences(call, comparison)
  }
  writeMasked(call, comparison)
  return comparison.same ? 0 : 1
}

function writeDifferences(call: KubectlCall, comparison: Comparison): void {
  for (const difference of comparison.differences) {
    call.out(`  ${describeDifference(difference, { home: call.namespace })}\n`)
  }
}

function writeMasked(call: KubectlCall, comparison: Comparison): void {
  if (comparison.masked.length === 0) return
  call.out('The other side of the connection hides these for now:\n')
  for (const difference of comparison.masked) {
    call.out(`  ${describeDifference(difference, { home: call.namespace })}\n`)
  }
}

/** @throws KubectlError for a file that holds no policy */
async function policiesOf(call: KubectlCall, file: string): Promise<readonly NetworkPolicy[]> {
  const policies = await readPolicyFile(call, file)
  if (policies.length > 0) return policies
  throw new KubectlError(`${file} holds no NetworkPolicy, so there is nothing to compare`)
}

function idOf(policy: NetworkPolicy): string {
  return `${policy.metadata.namespace ?? ''}/${policy.metadata.name}`
}
