import type { AccountTokenRequest, ContainerRuntime, NodeProbe } from '../ports.ts'
import { startAutoscalerController } from './autoscalers.ts'
import { startClusterRoleAggregation } from './cluster-role-aggregation.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { startCronJobController } from './cron-jobs.ts'
import { startCustomDefinitions } from './custom-definitions.ts'
import { startDaemonSetController } from './daemon-sets.ts'
import { startDeploymentController } from './deployments.ts'
import { startDisruptionBudgetController } from './disruption-budgets.ts'
import { startEndpointsController } from './endpoints.ts'
import { createEventRecorder } from './event-recorder.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startJobController } from './jobs.ts'
import type { PodFiles } from './kubelet/container-node.ts'
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts'
import { startNodeHeartbeat } from './kubelet/node-heartbeat.ts'
import { startLoadBalancerController } from './load-balancers.ts'
import { startNamespaceController } from './namespaces.ts'
import { startReplicaSetController } from './replica-sets.ts'
import { startReplicationControllers } from './replication-controllers.ts'
import { startResourceQuotaController } from './resource-quotas.ts'
import { startScheduler } from './scheduler.ts'
import { startStatefulSetController } from './stateful-sets.ts'
import { startTaintEvictions } from './taint-evictions.ts'
import { startVolumeClaimController } from './volume-claims.ts'

export interface StartControllersOptions extends Omit<ControllerContext, 'events'> {
  readonly runtime: ContainerRuntime
  readonly nodeName: string
  readonly nodeIP: string
  /** PEM, for `kube-root-ca.crt`; undefined until it is known. */
  readonly certificateAuthority: () => string | undefined
  /** A signed token of a service account. */
  readonly accountToken: (request: AccountTokenRequest) => string
  readonly probe?: NodeProbe
  readonly files?: Readonly<Record<string, PodFiles>>
  readonly images?: readonly string[]
}

/** Starts every loop. The kubelet also answers the API server's questions about containers. */
export function startControllers(options: StartControllersOptions): {
  close(): Promise<void>
  readonly kubelet: Kubelet
  /** The certificate authority is known now. */
  publishCertificateAuthority(): void
} {
  const { objects } = options
  const events = createEventRecorder(options)
  const as = (manager: string): ControllerContext => ({
    ...options,
    objects: objects.as(manager),
    events,
  })
  const context = as('kube-controller-manager')
  const kubelet = startKubelet({ ...options, ...as('kubelet') })
  const namespaces = startNamespaceController(context, options.certificateAuthority)
  const controllers: readonly Controller[] = [
    namespaces,
    startScheduler(as('kube-scheduler')),
    kubelet,
    startNodeHeartbeat(options),
    startEndpointsController(context),
    startLoadBalancerController(as('controller')),
    startReplicaSetController(context),
    startReplicationControllers(context),
    startDeploymentController(context),
    startCustomDefinitions(as('kube-apiserver')),
    startStatefulSetController(context),
    startDaemonSetController(context),
    startJobController(context),
    startCronJobController(context),
    startDisruptionBudgetController(context),
    startVolumeClaimController(context),
    startClusterRoleAggregation(as('clusterrole-aggregation-controller')),
    startTaintEvictions(context),
    startAutoscalerController(context),
    startResourceQuotaController(context),
    startGarbageCollector(context),
    events,
  ]
  return {
    kubelet,
    publishCertificateAuthority: () => namespaces.refresh(),
    async close() {
      await Promise.all(controllers.map((controller) => controller.close()))
    },
  }
}
