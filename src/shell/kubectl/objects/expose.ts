import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  DRY_RUN_FLAG,
  dryRunOf,
  FIELD_MANAGER_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { readTarget, resolveTargets, type Target, targetsOf } from '../targets.ts'
import { record, records, stringMap, text } from '../values.ts'
import { createObject } from './create-object.ts'
import { parseLabels } from './generate-pod.ts'
import { generateService } from './generate-service.ts'
import { applyOverrides, OVERRIDE_FLAGS } from './overrides.ts'
import { createChangeReporter } from './report-change.ts'

/** Makes a service for a pod, service or workload (`kubectl/pkg/cmd/expose`). */
export const exposeCommand: KubectlCommand = {
  name: 'expose',
  summary:
    'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  usage:
    'kubectl expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    ...OVERRIDE_FLAGS,
    DRY_RUN_FLAG,
    FIELD_MANAGER_FLAG,
    SAVE_CONFIG_FLAG,
    { name: 'cluster-ip', type: 'string' },
    { name: 'external-ip', type: 'string' },
    { name: 'labels', short: 'l', type: 'string' },
    { name: 'load-balancer-ip', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'port', type: 'string' },
    { name: 'protocol', type: 'string', values: ['SCTP', 'TCP', 'UDP'] },
    { name: 'selector', type: 'string' },
    { name: 'session-affinity', type: 'string' },
    { name: 'target-port', type: 'string' },
    { name: 'type', type: 'string', values: ['ClusterIP', 'LoadBalancer', 'NodePort'] },
  ],
  run: runExpose,
}

async function runExpose(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const dryRun = dryRunOf(flags, context.err)
  const report = createChangeReporter(context, flags, dryRun, { sortKeys: dryRun !== 'client' })
  const resolved = await resolveTargets(context, {
    args: positionals,
    filenames: flags.list('filename'),
    recursive: flags.bool('recursive'),
  })
  for (const target of await targetsOf(context, resolved)) {
    const object = await readTarget(context, target)
    const local = dryRun === 'client' && !context.enforceNamespace
    const service = applyOverrides(flags, serviceFor(target, object, flags, local))
    const made = await createObject(context, service, {
      dryRun,
      fieldManager: flags.string('field-manager') || 'kubectl-expose',
      saveConfig: flags.bool('save-config'),
    })
    report(made, 'exposed')
  }
  return 0
}

function serviceFor(
  target: Target,
  object: AnyKubeObject,
  flags: Flags,
  local: boolean,
): AnyKubeObject {
  const { kind } = target.kind
  if (!['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet'].includes(kind)) {
    const group = target.kind.group
    throw new KubectlError(`cannot expose a ${group === '' ? kind : `${kind}.${group}`}`)
  }
  const labels = stringMap(object.metadata.labels)
  const ports = portsOf(object)
  const portFlag = flags.string('port')
  if (portFlag === '' && ports.length === 0) {
    throw new KubectlError("couldn't find port via --port flag or introspection")
  }
  const named = flags.string('name') || object.metadata.name
  const typedLabels = flags.string('labels')
  return generateService({
    name: named.slice(0, 63),
    namespace: local ? undefined : target.namespace,
    labels: typedLabels === '' ? labels : parseLabels(typedLabels),
    selector: selectorOf(object, flags),
    ports: portFlag || ports.map((port) => String(port.port)).join(','),
    protocol: flags.string('protocol'),
    protocols: protocolsOf(ports),
    targetPort: flags.string('target-port'),
    type: flags.string('type'),
    clusterIp: flags.string('cluster-ip'),
    externalIp: flags.string('external-ip'),
    loadBalancerIp: flags.string('load-balancer-ip'),
    sessionAffinity: flags.string('session-affinity'),
  })
}

/** @throws KubectlError where nothing says which pods the service is for */
function selectorOf(object: AnyKubeObject, flags: Flags): Readonly<Record<string, string>> {
  const typed = flags.string('selector')
  if (typed !== '') return parseLabels(typed)
  const spec = record(object.spec)
  if (object.kind === 'Pod') {
    const labels = stringMap(object.metadata.labels)
    if (Object.keys(labels).length > 0) return labels
    throw cannotSelect('the pod has no labels and cannot be exposed')
  }
  const selector = record(spec.selector)
  if (object.kind === 'Service' || object.kind === 'ReplicationController') {
    const map = stringMap(selector)
    if (Object.keys(map).length > 0) return map
    throw cannotSelect('the service has no pod selector set')
  }
  if (records(selector.matchExpressions).length > 0) {
    throw cannotSelect('couldn\'t convert expressions - "[]" to map-based selector format')
  }
  return stringMap(selector.matchLabels)
}

function cannotSelect(why: string): KubectlError {
  return new KubectlError(
    `couldn't retrieve selectors via --selector flag or introspection: ${why}\nSee 'kubectl expose -h' for help and examples`,
  )
}

interface FoundPort {
  readonly port: number
  readonly protocol: string
}

/** The ports that the object itself declares. */
function portsOf(object: AnyKubeObject): readonly FoundPort[] {
  const spec = record(object.spec)
  if (object.kind === 'Service') return records(spec.ports).map((port) => found(port, 'port'))
  const podSpec = object.kind === 'Pod' ? spec : record(record(spec.template).spec)
  return records(podSpec.containers).flatMap((container) =>
    records(container.ports).map((port) => found(port, 'containerPort')),
  )
}

function found(port: Record<string, unknown>, field: string): FoundPort {
  return { port: Number(port[field]), protocol: text(port.protocol) || 'TCP' }
}

function protocolsOf(ports: readonly FoundPort[]): Record<string, string> {
  const protocols: Record<string, string> = {}
  for (const { port, protocol } of ports) {
    const known = protocols[port]
    protocols[port] =
      known === undefined || known.split('/').includes(protocol)
        ? (known ?? protocol)
        : `${known}/${protocol}`
  }
  return protocols
}
