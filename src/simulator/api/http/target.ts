import type { KindName, NodeAgent } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import { infoOf, type Registry } from '../registry.ts'
import type { Route } from './route.ts'

/** What requests about stored objects are answered from. */
export interface ResourceOptions {
  readonly context: ApiContext
  readonly registry: Registry
  readonly node: NodeAgent
}

/** What a request is about. */
export class Target {
  readonly kind: KindName
  readonly namespace: string | undefined
  readonly name: string | undefined
  constructor(kind: KindName, route: Route) {
    this.kind = kind
    this.namespace = route.namespace
    this.name = route.name
  }
  get info() {
    return infoOf(this.kind)
  }
  get key(): string {
    const name = this.name ?? ''
    return this.info.namespaced ? `${this.namespace ?? ''}/${name}` : name
  }
}
