import { isRecord, type JsonRecord, number, record, records, strings, text } from '../values.ts'
import { type DescribeWriter, writeAnnotations } from './describe-writer.ts'
import { rfc1123z } from './go-time.ts'

/** `describeContainers`: what they are made of and, where there are statuses, how they do. */
export function describeContainers(
  w: DescribeWriter,
  label: string,
  containers: readonly JsonRecord[],
  statuses: readonly JsonRecord[],
  pod: JsonRecord | undefined,
  space: string,
): void {
  w.write(0, `${space}${label}:${containers.length === 0 ? ' <none>' : ''}\n`)
  for (const container of containers) {
    const status = statuses.find((one) => one.name === container.name)
    w.write(1, `${space === '' ? '' : ' '}${text(container.name)}:\n`)
    if (status !== undefined) w.write(2, `Container ID:\t${text(status.containerID)}\n`)
    w.write(2, `Image:\t${text(container.image)}\n`)
    if (status !== undefined) w.write(2, `Image ID:\t${text(status.imageID)}\n`)
    writePorts(w, records(container.ports))
    writeLines(w, 'Command', strings(container.command))
    writeLines(w, 'Args', strings(container.args))
    if (status !== undefined) writeState(w, status)
    writeResources(w, record(container.resources))
    writeProbe(w, 'Liveness', container.livenessProbe)
    writeProbe(w, 'Readiness', container.readinessProbe)
    writeProbe(w, 'Startup', container.startupProbe)
    writeEnvironment(w, container, pod)
    writeMounts(w, records(container.volumeMounts))
  }
}

function writePorts(w: DescribeWriter, ports: readonly JsonRecord[]): void {
  for (const [field, title] of [
    ['containerPort', 'Port'],
    ['hostPort', 'Host Port'],
  ] as const) {
    const shown = ports.map((port) => `${number(port[field])}/${text(port.protocol)}`).join(', ')
    w.write(2, `${title}${shown.includes(',') ? 's' : ''}:\t${shown || '<none>'}\n`)
  }
}

function writeLines(w: DescribeWriter, title: string, values: readonly string[]): void {
  if (values.length === 0) return
  w.write(2, `${title}:\n`)
  for (const value of values) for (const line of value.split('\n')) w.write(3, `${line}\n`)
}

function writeState(w: DescribeWriter, status: JsonRecord): void {
  writeOneState(w, 'State', record(status.state))
  const last = record(status.lastState)
  if (isRecord(last.terminated)) writeOneState(w, 'Last State', last)
  w.write(2, `Ready:\t${status.ready === true ? 'True' : 'False'}\n`)
  w.write(2, `Restart Count:\t${number(status.restartCount)}\n`)
}

function writeOneState(w: DescribeWriter, name: string, state: JsonRecord): void {
  if (isRecord(state.running)) {
    w.write(2, `${name}:\tRunning\n`)
    w.write(3, `Started:\t${rfc1123z(state.running.startedAt)}\n`)
    return
  }
  const terminated = state.terminated
  if (!isRecord(terminated)) {
    w.write(2, `${name}:\tWaiting\n`)
    const reason = text(record(state.waiting).reason)
    if (reason !== '') w.write(3, `Reason:\t${reason}\n`)
    return
  }
  w.write(2, `${name}:\tTerminated\n`)
  if (text(terminated.reason) !== '') w.write(3, `Reason:\t${text(terminated.reason)}\n`)
  if (text(terminated.message) !== '') w.write(3, `Message:\t${text(terminated.message)}\n`)
  w.write(3, `Exit Code:\t${number(terminated.exitCode)}\n`)
  if (number(terminated.signal) > 0) w.write(3, `Signal:\t${number(terminated.signal)}\n`)
  w.write(3, `Started:\t${rfc1123z(terminated.startedAt)}\n`)
  w.write(3, `Finished:\t${rfc1123z(terminated.finishedAt)}\n`)
}

function writeResources(w: DescribeWriter, resources: JsonRecord): void {
  for (const [field, title] of [
    ['limits', 'Limits'],
    ['requests', 'Requests'],
  ] as const) {
    const entries = Object.entries(record(resources[field])).sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length > 0) w.write(2, `${title}:\n`)
    for (const [name, quantity] of entries) w.write(3, `${name}:\t${String(quantity)}\n`)
  }
}

function writeProbe(w: DescribeWriter, title: string, probe: unknown): void {
  if (isRecord(probe)) w.write(2, `${title}:\t${probeText(probe)}\n`)
}

function probeText(probe: JsonRecord): string {
  const attributes = `delay=${number(probe.initialDelaySeconds)}s timeout=${number(probe.timeoutSeconds)}s period=${number(probe.periodSeconds)}s #success=${number(probe.successThreshold)} #failure=${number(probe.failureThreshold)}`
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (isRecord(exec)) return `exec [${strings(exec.command).join(' ')}] ${attributes}`
  if (isRecord(httpGet)) {
    const scheme = text(httpGet.scheme).toLowerCase()
    const path = text(httpGet.path)
    const rooted = path === '' || path.startsWith('/') ? path : `/${path}`
    return `http-get ${scheme}://${text(httpGet.host)}:${String(httpGet.port)}${rooted} ${attributes}`
  }
  if (isRecord(tcpSocket)) {
    return `tcp-socket ${text(tcpSocket.host)}:${String(tcpSocket.port)} ${attributes}`
  }
  if (isRecord(grpc)) return `grpc <pod>:${number(grpc.port)} ${text(grpc.service)} ${attributes}`
  return `unknown ${attributes}`
}

function writeEnvironment(
  w: DescribeWriter,
  container: JsonRecord,
  pod: JsonRecord | undefined,
): void {
  const sources = records(container.envFrom)
  if (sources.length > 0) w.write(2, 'Environment Variables from:\n')
  for (const source of sources) {
    const isMap = isRecord(source.configMapRef)
    const ref = record(isMap ? source.configMapRef : source.secretRef)
    const prefix = text(source.prefix)
    const kind =
      (isMap ? 'ConfigMap' : 'Secret') + (prefix === '' ? '' : ` with prefix '${prefix}'`)
    w.write(3, `${text(ref.name)}\t${kind}\tOptional: ${ref.optional === true}\n`)
  }
  const env = records(container.env)
  w.write(2, `Environment:${env.length === 0 ? '\t<none>' : ''}\n`)
  for (const variable of env) {
    const name = text(variable.name)
    const from = variable.valueFrom
    if (!isRecord(from)) {
      const [first = '', ...others] = text(variable.value).split('\n')
      w.write(3, `${name}:\t${first}\n`)
      for (const line of others) w.write(3, `\t${line}\n`)
      continue
    }
    w.write(3, `${name}:\t${referenceText(from, pod)}\n`)
  }
}

function referenceText(from: JsonRecord, pod: JsonRecord | undefined): string {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = from
  if (isRecord(fieldRef)) {
    const path = text(fieldRef.fieldPath)
    const value = pod === undefined ? '' : fieldValue(pod, path)
    return `${value} (${text(fieldRef.apiVersion) || 'v1'}:${path})`
  }
  if (isRecord(resourceFieldRef)) return ` (${text(resourceFieldRef.resource)})`
  const isSecret = isRecord(secretKeyRef)
  const ref = record(isSecret ? secretKeyRef : configMapKeyRef)
  const place = isSecret ? 'in secret' : 'of config map'
  return `<set to the key '${text(ref.key)}' ${place} '${text(ref.name)}'>\tOptional: ${ref.optional === true}`
}

function fieldValue(pod: JsonRecord, path: string): string {
  let value: unknown = pod
  for (const part of path.split('.')) value = record(value)[part]
  return typeof value === 'string' ? value : ''
}

function writeMounts(w: DescribeWriter, mounts: readonly JsonRecord[]): void {
  w.write(2, `Mounts:${mounts.length === 0 ? '\t<none>' : ''}\n`)
  const sorted = [...mounts].sort((a, b) => (text(a.mountPath) < text(b.mountPath) ? -1 : 1))
  for (const mount of sorted) {
    const flags = [mount.readOnly === true ? 'ro' : 'rw']
    if (text(mount.subPath) !== '') flags.push(`path=${JSON.stringify(mount.subPath)}`)
    w.write(3, `${text(mount.mountPath)} from ${text(mount.name)} (${flags.join(',')})\n`)
  }
}

/** `describeVolumes`, for the kinds of volumes that a learner meets. */
export function describeVolumes(
  w: DescribeWriter,
  volumes: readonly JsonRecord[],
  space: string,
): void {
  if (volumes.length === 0) {
    w.write(0, `${space}Volumes:\t<none>\n`)
    return
  }
  w.write(0, `${space}Volumes:\n`)
  for (const volume of volumes) {
    w.write(1, `${space === '' ? '' : ' '}${text(volume.name)}:\n`)
    for (const line of volumeLines(volume)) w.write(2, `${line}\n`)
  }
}

function volumeLines(volume: JsonRecord): readonly string[] {
  const { hostPath, emptyDir, secret, configMap, projected, persistentVolumeClaim } = volume
  if (isRecord(hostPath)) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${text(hostPath.path)}`,
      `HostPathType:\t${typeof hostPath.type === 'string' ? hostPath.type : '<none>'}`,
    ]
  }
  if (isRecord(emptyDir)) {
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${text(emptyDir.medium)}`,
      `SizeLimit:\t${text(emptyDir.sizeLimit) || '<unset>'}`,
    ]
  }
  if (isRecord(secret)) {
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${text(secret.secretName)}`,
      `Optional:\t${secret.optional === true}`,
    ]
  }
  if (isRecord(configMap)) {
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${text(configMap.name)}`,
      `Optional:\t${configMap.optional === true}`,
    ]
  }
  if (isRecord(persistentVolumeClaim)) {
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${text(persistentVolumeClaim.claimName)}`,
      `ReadOnly:\t${persistentVolumeClaim.readOnly === true}`,
    ]
  }
  if (isRecord(projected)) {
    const sources = records(projected.sources).flatMap(projectedLines)
    return [
      'Type:\tProjected (a volume that contains injected data from multiple sources)',
      ...sources,
    ]
  }
  return ['<unknown>']
}

function projectedLines(source: JsonRecord): readonly string[] {
  const { secret, configMap, serviceAccountToken } = source
  // kubectl prints a pointer here: <nil> where nothing is said.
  const optional = (ref: JsonRecord) => String(ref.optional ?? '<nil>')
  if (isRecord(secret)) {
    return [`SecretName:\t${text(secret.name)}`, `SecretOptionalName:\t${optional(secret)}`]
  }
  if (isRecord(source.downwardAPI)) return ['DownwardAPI:\ttrue']
  if (isRecord(configMap)) {
    return [`ConfigMapName:\t${text(configMap.name)}`, `ConfigMapOptional:\t${optional(configMap)}`]
  }
  if (isRecord(serviceAccountToken)) {
    return [`TokenExpirationSeconds:\t${number(serviceAccountToken.expirationSeconds)}`]
  }
  return []
}

/** `printTolerationsMultilineWithIndent`. */
export function describeTolerations(
  w: DescribeWriter,
  tolerations: readonly JsonRecord[],
  space: string,
): void {
  w.write(0, `${space}Tolerations:\t`)
  if (tolerations.length === 0) w.write(0, '<none>\n')
  const sorted = [...tolerations].sort((a, b) => (text(a.key) < text(b.key) ? -1 : 1))
  sorted.forEach((toleration, index) => {
    if (index > 0) w.write(0, `${space}\t`)
    const key = text(toleration.key)
    const value = text(toleration.value)
    const effect = text(toleration.effect)
    let line = key + (value === '' ? '' : `=${value}`) + (effect === '' ? '' : `:${effect}`)
    if (toleration.operator === 'Exists' && value === '') {
      line += key !== '' || effect !== '' ? ' op=Exists' : 'op=Exists'
    }
    const seconds = toleration.tolerationSeconds
    if (typeof seconds === 'number') line += ` for ${seconds}s`
    w.write(0, `${line}\n`)
  })
}

/** `DescribePodTemplate`. */
export function describePodTemplate(w: DescribeWriter, template: JsonRecord): void {
  const metadata = record(template.metadata)
  const spec = record(template.spec)
  w.write(0, 'Pod Template:\n')
  writeTemplateMap(w, 'Labels', metadata.labels)
  if (Object.keys(record(metadata.annotations)).length > 0) {
    writeAnnotations(w, '  Annotations', metadata.annotations)
  }
  const account = text(spec.serviceAccountName)
  if (account !== '') w.write(1, `Service Account:\t${account}\n`)
  const init = records(spec.initContainers)
  if (init.length > 0) describeContainers(w, 'Init Containers', init, [], undefined, '  ')
  describeContainers(w, 'Containers', records(spec.containers), [], undefined, '  ')
  describeVolumes(w, records(spec.volumes), '  ')
  const priority = text(spec.priorityClassName)
  if (priority !== '') w.write(1, `Priority Class Name:\t${priority}\n`)
  writeTemplateMap(w, 'Node-Selectors', spec.nodeSelector)
  describeTolerations(w, records(spec.tolerations), '  ')
}

function writeTemplateMap(w: DescribeWriter, title: string, value: unknown): void {
  const pairs = Object.entries(record(value)).sort(([a], [b]) => (a < b ? -1 : 1))
  w.write(0, `  ${title}:\t`)
  if (pairs.length === 0) w.write(0, '<none>\n')
  pairs.forEach(([key, one], index) => {
    if (index > 0) w.write(0, '\t')
    w.write(0, `${key}=${String(one)}\n`)
  })
}
