import type { AnyKubeObject } from '../../../kube/objects.ts'
import { isPlainObject } from '../schema/decode.ts'

/**
 * autoscaling/v1 knows one number, the CPU utilisation that is aimed at; v2 a list of metrics. Models
 * k8s.io/kubernetes pkg/apis/autoscaling/v1 conversion.go, without the annotations that keep other metrics.
 */
export function scalerFromV2(object: AnyKubeObject): AnyKubeObject {
  const spec = recordOf(object.spec)
  const status = recordOf(object.status)
  const { metrics, behavior: _behavior, ...own } = spec
  const { currentMetrics, conditions: _conditions, ...ownStatus } = status
  const aimed = utilizationOf(metrics, 'target')
  const measured = utilizationOf(currentMetrics, 'current')
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: { ...own, ...(aimed === undefined ? {} : { targetCPUUtilizationPercentage: aimed }) },
    ...(object.status === undefined
      ? {}
      : {
          status: {
            ...ownStatus,
            ...(measured === undefined ? {} : { currentCPUUtilizationPercentage: measured }),
          },
        }),
  }
}

/** The reverse of `scalerFromV2`. */
export function scalerToV2(object: AnyKubeObject): AnyKubeObject {
  const { targetCPUUtilizationPercentage: aimed, ...spec } = recordOf(object.spec)
  const { currentCPUUtilizationPercentage: _measured, ...status } = recordOf(object.status)
  const metric = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: aimed } },
  }
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: { ...spec, ...(aimed === undefined ? {} : { metrics: [metric] }) },
    ...(object.status === undefined ? {} : { status }),
  }
}

function utilizationOf(metrics: unknown, field: 'target' | 'current'): unknown {
  for (const metric of Array.isArray(metrics) ? metrics : []) {
    const resource = recordOf(recordOf(metric).resource)
    if (resource.name === 'cpu') return recordOf(resource[field]).averageUtilization
  }
  return undefined
}

function recordOf(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {}
}
