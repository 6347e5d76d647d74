import type { Container, PodSpec } from '../../../kube/objects.ts'

/**
 * What the server writes into a pod spec that says nothing: models SetDefaults_PodSpec and its neighbours of
 * k8s.io/kubernetes pkg/apis/core/v1/defaults.go. Also used for the templates of workloads.
 */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const containers = (spec.containers ?? []).map(defaultContainer)
  return {
    ...spec,
    containers: spec.hostNetwork === true ? containers.map(withHostPorts) : containers,
    ...(spec.initContainers === undefined
      ? {}
      : {
          initContainers: spec.initContainers.map((init) => ({
            ...init,
            ...defaultContainer(init),
          })),
        }),
    ...(spec.ephemeralContainers === undefined
      ? {}
      : { ephemeralContainers: spec.ephemeralContainers.map(defaultContainer) }),
    ...(Array.isArray(spec.volumes) ? { volumes: spec.volumes.map(defaultVolume) } : {}),
    restartPolicy: spec.restartPolicy ?? 'Always',
    dnsPolicy: spec.dnsPolicy ?? 'ClusterFirst',
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    securityContext: spec.securityContext ?? {},
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    ...(spec.serviceAccountName === undefined ? {} : { serviceAccount: spec.serviceAccountName }),
  }
}

function defaultContainer(container: Container): Container {
  const probes = Object.fromEntries(
    (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => {
      const probe: unknown = Reflect.get(container, name)
      return typeof probe === 'object' && probe !== null ? [[name, defaultProbe(probe)]] : []
    }),
  )
  return {
    ...container,
    ...(container.ports === undefined
      ? {}
      : { ports: container.ports.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })) }),
    ...probes,
    ...defaultLifecycle(container),
    imagePullPolicy: container.imagePullPolicy ?? defaultPullPolicy(container.image),
    resources: container.resources ?? {},
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy ?? 'File',
  }
}

/** `Always` for the tag `latest`, written or not. */
function defaultPullPolicy(image: string | undefined): string {
  if (image === undefined || image.includes('@')) return 'IfNotPresent'
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function withHostPorts(container: Container): Container {
  if (container.ports === undefined) return container
  return {
    ...container,
    ports: container.ports.map((port) => ({ ...port, hostPort: port.containerPort })),
  }
}

/** The hooks of a container's life, with the path and scheme of what they ask for. */
function defaultLifecycle(container: Container): Record<string, unknown> {
  const lifecycle: unknown = Reflect.get(container, 'lifecycle')
  if (typeof lifecycle !== 'object' || lifecycle === null) return {}
  const hooks = Object.entries(lifecycle).map(([name, hook]: [string, unknown]) => {
    const http: unknown =
      typeof hook === 'object' && hook !== null ? Reflect.get(hook, 'httpGet') : undefined
    return typeof hook === 'object' && typeof http === 'object' && http !== null
      ? [name, { ...hook, httpGet: { path: '/', scheme: 'HTTP', ...http } }]
      : [name, hook]
  })
  return { lifecycle: Object.fromEntries(hooks) }
}

function defaultProbe(probe: object): Record<string, unknown> {
  const http: unknown = Reflect.get(probe, 'httpGet')
  const grpc: unknown = Reflect.get(probe, 'grpc')
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(typeof http === 'object' && http !== null
      ? { httpGet: { path: '/', scheme: 'HTTP', ...http } }
      : {}),
    ...(typeof grpc === 'object' && grpc !== null ? { grpc: { service: '', ...grpc } } : {}),
  }
}

function defaultVolume(volume: unknown): unknown {
  if (typeof volume !== 'object' || volume === null) return volume
  const names = ['configMap', 'secret', 'projected', 'downwardAPI']
  const entries = Object.entries(volume).map(([name, source]) =>
    names.includes(name) && typeof source === 'object' && source !== null
      ? [name, { defaultMode: 420, ...source }]
      : [name, source],
  )
  const sources = entries.filter(([name]) => name !== 'name')
  return sources.length === 0 ? { ...volume, emptyDir: {} } : Object.fromEntries(entries)
}
