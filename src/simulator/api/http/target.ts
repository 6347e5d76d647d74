import type { NodeAgent, StoredKind } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import type { Registry } from '../registry.ts'
import type { Route } from './route.ts'

/** What requests about stored objects are answered from. */
export interface ResourceOptions {
  readonly context: ApiContext
  readonly registry: Registry
  readonly node: NodeAgent
}

/** What a request is about. */
export class Target {
  readonly served: ServedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  constructor(route: Route) {
    this.served = route.served
    this.namespace = route.namespace
    this.name = route.name
  }
  /** Where the objects are stored. */
  get kind(): StoredKind {
    return this.served.stored
  }
  get info() {
    return this.served.info
  }
  get key(): string {
    const name = this.name ?? ''
    return this.info.namespaced ? `${this.namespace ?? ''}/${name}` : name
  }
}
