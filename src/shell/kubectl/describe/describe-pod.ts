import { isRecord, record, records, text } from '../values.ts'
import { describeContainers, describeTolerations, describeVolumes } from './describe-containers.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  controllerOf,
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { rfc1123z, since } from './go-time.ts'

/** `kubectl describe pod` (`describePod`). */
export const describePod: Describer = async (context, pod, options) => {
  const events = options.showEvents
    ? await findEvents(context, pod, { withKind: false })
    : undefined
  const now = context.clock.now()
  const { metadata } = pod
  const spec = record(pod.spec)
  const status = record(pod.status)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...metadata })
  if (typeof spec.priority === 'number') w.write(0, `Priority:\t${spec.priority}\n`)
  const optional = (title: string, value: unknown) => {
    if (text(value) !== '') w.write(0, `${title}:\t${text(value)}\n`)
  }
  optional('Priority Class Name', spec.priorityClassName)
  optional('Runtime Class Name', spec.runtimeClassName)
  optional('Service Account', spec.serviceAccountName)
  const node = text(spec.nodeName)
  w.write(0, `Node:\t${node === '' ? '<none>' : `${node}/${text(status.hostIP)}`}\n`)
  if (text(status.startTime) !== '') {
    w.write(0, `Start Time:\t${rfc1123z(status.startTime)}\n`)
  }
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  const phase = text(status.phase)
  if (metadata.deletionTimestamp !== undefined && phase !== 'Failed' && phase !== 'Succeeded') {
    w.write(0, `Status:\tTerminating (lasts ${since(metadata.deletionTimestamp, now)})\n`)
    w.write(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s\n`)
  } else w.write(0, `Status:\t${phase}\n`)
  optional('Reason', status.reason)
  optional('Message', status.message)
  const seccomp = record(record(spec.securityContext).seccompProfile)
  optional('SeccompProfile', seccomp.type)
  w.write(0, `IP:\t${text(status.podIP)}\n`)
  const addresses = records(status.podIPs)
  w.write(0, addresses.length === 0 ? 'IPs:\t<none>\n' : 'IPs:\n')
  for (const address of addresses) w.write(1, `IP:\t${text(address.ip)}\n`)
  const controller = controllerOf({ ...metadata })
  if (controller !== '') w.write(0, `Controlled By:\t${controller}\n`)
  optional('NominatedNodeName', status.nominatedNodeName)
  const init = records(spec.initContainers)
  if (init.length > 0) {
    const statuses = records(status.initContainerStatuses)
    describeContainers(w, 'Init Containers', init, statuses, pod, '')
  }
  const statuses = records(status.containerStatuses)
  describeContainers(w, 'Containers', records(spec.containers), statuses, pod, '')
  const ephemeral = records(spec.ephemeralContainers)
  if (ephemeral.length > 0) {
    const ended = records(status.ephemeralContainerStatuses)
    describeContainers(w, 'Ephemeral Containers', ephemeral, ended, pod, '')
  }
  const conditions = records(status.conditions)
  if (conditions.length > 0) w.write(0, 'Conditions:\n  Type\tStatus\n')
  for (const condition of conditions) {
    w.write(1, `${text(condition.type)} \t${text(condition.status)} \n`)
  }
  describeVolumes(w, records(spec.volumes), '')
  w.write(0, `QoS Class:\t${text(status.qosClass) || 'BestEffort'}\n`)
  writeLabels(w, 'Node-Selectors', isRecord(spec.nodeSelector) ? spec.nodeSelector : {})
  describeTolerations(w, records(spec.tolerations), '')
  describeEvents(w, events, now)
  return w.finish()
}
