import { KubeConfig } from '@kubernetes/client-node'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import type { ApiRequest, ApiResponse } from '../../../src/simulator/api/request.ts'
import {
  assembleCluster,
  type ClusterAddress,
  type SimulatedCluster,
  type SimulatedClusterOptions,
} from '../../../src/simulator/assemble-cluster.ts'
import { createTinyRuntime } from './tiny-runtime.ts'

/** A cluster on the fast clock whose containers are the tiny ones. A defect of the simulator fails the test. */
export function openTestCluster(options: Partial<SimulatedClusterOptions> = {}): TestCluster {
  const defects: unknown[] = []
  const runtime = createTinyRuntime()
  const cluster = assembleCluster(
    { clock: createFastClock(), onDefect: (error) => defects.push(error), ...options },
    () => ({ runtime }),
  )
  const send = async (method: string, url: string, body?: unknown, headers: Headers = {}) =>
    readAnswer(await cluster.api.handle(requestOf(method, url, body, headers)))
  return {
    ...cluster,
    started: runtime.started,
    send,
    async until(url, test) {
      const request = requestOf('GET', `${url}${url.includes('?') ? '&' : '?'}watch=true`)
      const { body } = await cluster.api.handle(request)
      if (typeof body === 'string') throw new Error(body)
      for await (const text of body) {
        for (const line of text.split('\n').filter((part) => part !== '')) {
          const event: Event = JSON.parse(line)
          if (test(event)) return event
        }
      }
      throw new Error('the watch ended')
    },
    async close() {
      await cluster.close()
      if (defects.length > 0) throw new AggregateError(defects, String(defects[0]))
    },
  }
}

export type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly headers: ApiResponse['headers']
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is looked at field by field
  readonly body: any
}

export interface Event {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly object: any
}

export interface TestCluster extends SimulatedCluster {
  readonly started: readonly string[]
  send(method: string, url: string, body?: unknown, headers?: Headers): Promise<Answer>
  /** Watches from the objects that are there until an event passes the test. */
  until(url: string, test: (event: Event) => boolean): Promise<Event>
}

export function requestOf(
  method: string,
  url: string,
  body?: unknown,
  headers: Headers = {},
  signal: AbortSignal = new AbortController().signal,
): ApiRequest {
  const [path = '', query = ''] = url.split('?')
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(text)
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: { 'content-type': 'application/json', 'user-agent': 'test/1', ...headers },
    body: bytes,
    signal,
  }
}

export async function readAnswer(response: ApiResponse): Promise<Answer> {
  let text = ''
  if (typeof response.body === 'string') text = response.body
  else for await (const chunk of response.body) text += chunk
  const isJson = String(response.headers['content-type']).startsWith('application/json')
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  }
}

/** client-node, told where the cluster is. */
export function kubeConfigOf(address: ClusterAddress, token = address.token): KubeConfig {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [
      {
        name: 'lab',
        server: address.server,
        caData: Buffer.from(address.certificateAuthority).toString('base64'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name: 'lab', token }],
    contexts: [{ name: 'lab', cluster: 'lab', user: 'lab' }],
    currentContext: 'lab',
  })
  return config
}

export function podOf(name: string, ...command: string[]): KubeObject & Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      containers: [{ name: 'main', image: 'alpine', ...(command.length === 0 ? {} : { command }) }],
    },
  }
}

export const PODS = '/api/v1/namespaces/default/pods'
export const SERVICES = '/api/v1/namespaces/default/services'
export const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
