import { KubeStatusError } from '../../../kube/client.ts'
import { groupKind } from '../../../kube/kinds.ts'
import { ALL_NAMESPACES_FLAG, FILE_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError, notInLab, throwCollected } from '../kubectl-error.ts'
import { listSelection, readTarget, resolveTargets, type Target, targetsOf } from '../targets.ts'
import { describeAny } from './describe-any.ts'
import { describeCronJob, describeJob } from './describe-batch.ts'
import { describeConfigMap, describeEndpointSlice, describeEndpoints } from './describe-data.ts'
import { describeIngress, describeIngressClass } from './describe-ingress.ts'
import { describeNamespace } from './describe-namespace.ts'
import { describeNetworkPolicy } from './describe-network-policy.ts'
import { describeNode } from './describe-node.ts'
import { describePod } from './describe-pod.ts'
import { describeLimitRange, describeResourceQuota } from './describe-quota.ts'
import { describeRole, describeRoleBinding } from './describe-rbac.ts'
import { describeSecret, describeServiceAccount } from './describe-secret.ts'
import { describeService } from './describe-service.ts'
import {
  describeDaemonSet,
  describeDeployment,
  describeReplicaSet,
  describeStatefulSet,
} from './describe-workload.ts'
import type { Describer } from './describer.ts'

/** Describers by `kind.group`, as kubectl names them. */
const DESCRIBERS: Readonly<Record<string, Describer>> = {
  'clusterrole.rbac.authorization.k8s.io': describeRole,
  'clusterrolebinding.rbac.authorization.k8s.io': describeRoleBinding,
  configmap: describeConfigMap,
  'cronjob.batch': describeCronJob,
  'daemonset.apps': describeDaemonSet,
  'deployment.apps': describeDeployment,
  endpoints: describeEndpoints,
  'endpointslice.discovery.k8s.io': describeEndpointSlice,
  'ingress.networking.k8s.io': describeIngress,
  'ingressclass.networking.k8s.io': describeIngressClass,
  'job.batch': describeJob,
  limitrange: describeLimitRange,
  namespace: describeNamespace,
  'networkpolicy.networking.k8s.io': describeNetworkPolicy,
  node: describeNode,
  pod: describePod,
  'replicaset.apps': describeReplicaSet,
  resourcequota: describeResourceQuota,
  'role.rbac.authorization.k8s.io': describeRole,
  'rolebinding.rbac.authorization.k8s.io': describeRoleBinding,
  secret: describeSecret,
  service: describeService,
  serviceaccount: describeServiceAccount,
  'statefulset.apps': describeStatefulSet,
}

/** Kinds that kubectl describes in words of their own, which the lab's does not have. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'certificatesigningrequest.certificates.k8s.io',
  'horizontalpodautoscaler.autoscaling',
  'persistentvolume',
  'persistentvolumeclaim',
  'poddisruptionbudget.policy',
  'podtemplate',
  'priorityclass.scheduling.k8s.io',
  'replicationcontroller',
  'storageclass.storage.k8s.io',
])

/** Shows objects in words, with what belongs to them (`kubectl/pkg/cmd/describe`). */
export const describeCommand: KubectlCommand = {
  name: 'describe',
  summary: 'Show details of a specific resource or group of resources',
  usage: 'kubectl describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  words: 'objects',
  flags: [
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    { name: 'chunk-size', type: 'int', default: '500' },
    { name: 'show-events', type: 'bool', default: 'true' },
  ],
  run: runDescribe,
}

async function runDescribe(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const filenames = flags.list('filename')
  if (positionals.length === 0 && filenames.length === 0) {
    throw new KubectlError(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    )
  }
  const request = {
    args: positionals,
    filenames,
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    allNamespaces: flags.bool('all-namespaces'),
    kindAlone: true,
  }
  const resolved = await resolveTargets(context, request)
  const errors: unknown[] = []
  let first = true
  const describe = async (target: Target, byPrefix = false) => {
    const describer = DESCRIBERS[groupKind(target.kind)] ?? describeAny
    if (NOT_HERE.has(groupKind(target.kind))) {
      throw notInLab(`describe for ${groupKind(target.kind)}`, 'Use kubectl get -o yaml instead.')
    }
    const object = await readTarget(context, target)
    const described = await describer(context, object, { showEvents: flags.bool('show-events') })
    // Matches of a prefix each end in an empty line; other descriptions have two between them.
    context.out(byPrefix ? `${described}\n` : (first ? '' : '\n\n') + described)
    first = false
  }
  const prefixed = resolved.by === 'name' && resolved.single && positionals.length === 2
  for (const target of await targetsOf(context, resolved)) {
    try {
      await describe(target)
    } catch (error) {
      if (!(error instanceof KubeStatusError)) throw error
      if (prefixed && error.code === 404) {
        await describeByPrefix(context, target, error, describe)
      } else errors.push(error)
    }
  }
  if (first && errors.length === 0) {
    context.err(
      flags.bool('all-namespaces')
        ? 'No resources found\n'
        : `No resources found in ${context.namespace} namespace.\n`,
    )
  }
  throwCollected(errors)
  return 0
}

/** A name that does not exist is taken as the beginning of names. */
async function describeByPrefix(
  context: KubectlContext,
  target: Target,
  notFound: KubeStatusError,
  describe: (target: Target, byPrefix: boolean) => Promise<void>,
): Promise<void> {
  const { kind, namespace, name } = target
  const everything = { kind, namespace, labelSelector: undefined, fieldSelector: undefined }
  const list = await listSelection(context, everything)
  const matching = list.items.filter((item) => item.metadata.name.startsWith(name))
  if (matching.length === 0) throw notFound
  for (const object of matching) {
    await describe(
      {
        kind,
        namespace: object.metadata.namespace,
        name: object.metadata.name,
        object,
      },
      true,
    )
  }
}
