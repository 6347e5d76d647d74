import { lookup } from 'node:dns/promises'
import { LabError } from '../../base/errors.ts'
import { parseAddress } from '../../policy/address.ts'
import { describeVerdict, flowText } from '../../policy/describe.ts'
import type { Endpoint, Verdict } from '../../policy/types.ts'
import { decidingRules, placeLines } from '../../shell/commands/deciding-rules.ts'
import { parsePort } from '../../shell/commands/explain.ts'
import { judgeEnd } from '../../shell/commands/judge-end.ts'
import {
  type ResolvedEnd,
  resolveDestination,
  resolveSource,
} from '../../shell/commands/resolve-end.ts'
import { KubectlError } from '../../shell/kubectl/kubectl-error.ts'
import { openWorld, type WorldOptions, worldNotes } from './open-world.ts'
import type { PolicyWorld } from './policy-world.ts'
import { print } from './print.ts'

export interface ExplainOptions extends WorldOptions {
  readonly from: string
  readonly to: string
  readonly port: string
  readonly namespace: string
  readonly json?: boolean
}

/** Says whether the policies let a connection through, and why. @returns 0 where they do, 1 where not */
export async function explain(options: ExplainOptions): Promise<number> {
  const home = options.namespace
  const wanted = usage(() => parsePort(options.port))
  const world = await openWorld(options)
  const from = usage(() => sourceOf(world, options.from, home))
  const { host, end } = await destinationOf(world, from, options.to, wanted, home)
  const { verdict, notes: found } = judgeEnd(world.state, from, end, wanted.protocol)
  const { flow } = verdict
  const notes = host === undefined ? found : [host, ...found]
  const assumptions = [...worldNotes(world), ...addressNotes(world, verdict)]
  const rules = decidingRules(verdict, (policy, path) => world.placeOf(policy, path))
  const lines = describeVerdict(verdict, { home })
  if (options.json === true) {
    const answer = {
      allowed: verdict.allowed,
      flow: verdict.flow,
      notes,
      sentences: lines,
      rules,
      assumptions,
      verdict,
    }
    await print(`${JSON.stringify(answer, null, 2)}\n`)
    return verdict.allowed ? 0 : 1
  }
  const word = verdict.allowed ? 'allowed' : 'denied'
  const text = [
    `${flowText(flow, { home })} is ${word} by the policies.`,
    ...notes,
    ...lines,
    ...placeLines(rules),
  ]
  await print(`${text.join('\n')}\n`)
  for (const note of assumptions) process.stderr.write(`${note}\n`)
  return verdict.allowed ? 0 : 1
}

/** An address that was made up for a pod decides only where a rule names a block of addresses. */
function addressNotes(world: PolicyWorld, { flow, egress, ingress }: Verdict): readonly string[] {
  const pods = [flow.from, flow.to].flatMap((end) =>
    end.kind === 'pod' && world.invented.has(`${end.namespace}/${end.name}`) ? [end] : [],
  )
  const blocks = [...egress.policies, ...ingress.policies].some(({ rules }) =>
    rules.some(({ peers }) =>
      peers.items.some(
        ({ failed, wants }) =>
          failed === 'cidr' || failed === 'except' || /^[0-9a-f.:]+\/(?!0$)\d+/.test(wants),
      ),
    ),
  )
  if (!blocks || pods.length === 0) return []
  return [
    `A rule here names addresses, and pods of manifests have none yet: ${pods.map(({ name }) => name).join(' and ')} stand in with one of 10.244.0.0/16.`,
  ]
}

function sourceOf(world: PolicyWorld, typed: string, home: string): Endpoint {
  return nodeOf(world, typed) ?? resolveSource(world, podName(world, typed, home), home)
}

function nodeOf(world: PolicyWorld, typed: string): Endpoint | undefined {
  const name = /^nodes?\/(.+)$/.exec(typed)?.[1]
  if (name === undefined) return undefined
  if (world.state.nodes?.some((node) => node.name === name) === true) return { kind: 'node', name }
  throw new KubectlError(`there is no node ${name}`)
}

/** The name of a workload stands for its first pod. */
function podName(world: PolicyWorld, typed: string, home: string): string {
  if (parseAddress(typed) !== undefined) return typed
  const bare = typed.replace(/^pods?\//, '')
  const parts = bare.split('/')
  const [namespace, name] =
    parts.length > 1 &&
    !/^(deployment|replicaset|replicationcontroller|statefulset|daemonset|job|cronjob)$/.test(
      parts[0] ?? '',
    )
      ? [parts[0] ?? home, parts.slice(1).join('/')]
      : [home, bare]
  const isPod = world.state.pods.some((one) => one.namespace === namespace && one.name === name)
  if (isPod) return `${namespace}/${name}`
  const first = world.workloads.get(`${namespace}/${name}`)
  return first === undefined ? bare : `${namespace}/${first}`
}

/** The other end. A name is looked for among pods, workloads and services, then as a name of cluster DNS, then by this computer. */
async function destinationOf(
  world: PolicyWorld,
  from: Endpoint,
  typed: string,
  { port, protocol }: ReturnType<typeof parsePort>,
  home: string,
): Promise<{ readonly end: ResolvedEnd; readonly host?: string }> {
  const resolve = (name: string) => resolveDestination(world, name, port, protocol, home, from)
  if (/^nodes?\//.test(typed)) return { end: usage(() => resolve(typed)) }
  const named = podName(world, typed, home)
  const isHost = typed.includes('.') && !typed.includes('/') && parseAddress(typed) === undefined
  const isPod = world.state.pods.some((one) => one.namespace === home && one.name === typed)
  if (!isHost || isPod) return { end: usage(() => resolve(named)) }
  const service = serviceOf(world, typed)
  if (service !== undefined) return { end: usage(() => resolve(`service/${service}`)) }
  const address = await lookup(typed).then(
    (found) => found.address,
    () => undefined,
  )
  if (address === undefined) {
    throw new LabError(
      'ERR_USAGE',
      `${typed} is no pod and no service here, and this computer cannot look it up as a host.`,
      { next: ['Name its address instead.'] },
    )
  }
  return {
    end: usage(() => resolve(address)),
    host: `This computer finds ${typed} at ${address}. Policies see addresses only, and a pod may be given another one.`,
  }
}

/** `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local` as `shop/web`. */
function serviceOf(world: PolicyWorld, typed: string): string | undefined {
  const match = /^([^.]+)\.([^.]+)(?:\.svc(?:\.cluster\.local)?)?\.?$/.exec(typed)
  if (match === null) return undefined
  const [, name, namespace] = match
  const found = world.services.some(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace,
  )
  return found ? `${namespace}/${name}` : undefined
}

/** @throws LabError ERR_USAGE for what the names and numbers of the command line do not lead to */
function usage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    const text = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`
    throw new LabError('ERR_USAGE', `${text}.`, { cause: error })
  }
}
