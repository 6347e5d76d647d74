import type { AnyKubeObject, NetworkPolicy } from '../kube/objects.ts'
import type {
  Check,
  ConsoleItem,
  FlowExpectation,
  MistakeCondition,
  MistakeSentence,
  SourcePoint,
} from './model.ts'
import { type Reading, readObjects } from './read-objects.ts'
import type { CheckFields, MistakeFields } from './schema/check.ts'
import { toProbe, toSource } from './schema/probe.ts'
import type { YamlSource } from './yaml-source.ts'

/** A check as the lesson model has it. Problems that only the file's other parts show are added to `reading`. */
export function convertCheck(
  fields: CheckFields,
  index: number,
  source: YamlSource,
  items: readonly ConsoleItem[],
  reading: Reading,
): Check {
  const at = source.at([index])
  const base = {
    id: fields.id,
    title: fields.title,
    points: fields.points,
    guard: fields.guard,
    success: fields.success,
    mistakes: fields.mistakes.map((mistake, number) =>
      convertMistake(mistake, source.at([index, 'mistakes', number]), reading),
    ),
    ...(fields.after === undefined ? {} : { after: fields.after }),
    at,
  }
  switch (fields.kind) {
    case 'probe':
      return { ...base, kind: 'probe', probe: toProbe(fields), expect: fields.expect }
    case 'resource':
      return {
        ...base,
        kind: 'resource',
        resource: {
          apiVersion: fields.resource.apiVersion,
          kind: fields.resource.kind,
          name: fields.resource.name,
          ...(fields.resource.namespace === undefined
            ? {}
            : { namespace: fields.resource.namespace }),
        },
        expect: convertExpect(fields.expect),
      }
    case 'policy': {
      if ((fields.sameAs === undefined) === (fields.flows === undefined)) {
        reading.problems.add(
          at,
          'check-form',
          'A policy check has exactly one of "sameAs" and "flows".',
        )
      }
      return {
        ...base,
        kind: 'policy',
        namespaces: fields.namespaces,
        ...(fields.sameAs === undefined
          ? {}
          : {
              sameAs: {
                file: fields.sameAs,
                policies: policiesOf(fields.sameAs, source.at([index, 'sameAs']), reading),
              },
            }),
        ...(fields.flows === undefined ? {} : { flows: fields.flows.map(convertFlow) }),
      }
    }
    case 'unchanged':
      return {
        ...base,
        kind: 'unchanged',
        policies: fields.policies.map((reference) => {
          const { namespace, pod } = toSource(reference)
          return { namespace, name: pod ?? '' }
        }),
      }
    case 'output': {
      const item = items.find((one) => one.id === fields.item || one.command === fields.item)
      if (item === undefined) {
        const known = items.map((one) => one.command).join(' · ')
        reading.problems.add(
          source.at([index, 'item']),
          'unknown-item',
          `No console line of this step is "${fields.item}".${known === '' ? '' : ` Write one of: ${known}`}`,
        )
      }
      return { ...base, kind: 'output', item: item?.id ?? fields.item }
    }
  }
}

function convertExpect(
  expect: Extract<CheckFields, { kind: 'resource' }>['expect'],
): Extract<Check, { kind: 'resource' }>['expect'] {
  if (expect === 'exists' || expect === 'absent') return { kind: expect }
  if ('condition' in expect)
    return { kind: 'condition', type: expect.condition, status: expect.status }
  return { kind: 'field', path: expect.field, value: expect.value }
}

function convertFlow(flow: NonNullable<MistakeFields['flows']>[number]): FlowExpectation {
  const { port, ...rest } = flow
  return port === undefined ? rest : { ...rest, port }
}

function convertMistake(fields: MistakeFields, at: SourcePoint, reading: Reading): MistakeSentence {
  const kinds = [
    fields.outcome !== undefined,
    fields.flows !== undefined,
    fields.contains !== undefined || fields.absent !== undefined,
  ].filter(Boolean).length
  if (kinds > 1) {
    reading.problems.add(
      at,
      'mistake-form',
      'Say when this sentence fits in one way: "outcome", or "flows", or "contains" and "absent".',
    )
  }
  return { id: fields.id, when: condition(fields), sentence: fields.says }
}

function condition(fields: MistakeFields): MistakeCondition {
  if (fields.outcome !== undefined) return { kind: 'outcome', outcome: fields.outcome }
  if (fields.flows !== undefined) return { kind: 'flows', flows: fields.flows.map(convertFlow) }
  if (fields.contains !== undefined || fields.absent !== undefined) {
    return {
      kind: 'policy',
      ...(fields.contains === undefined ? {} : { contains: fields.contains }),
      ...(fields.absent === undefined ? {} : { absent: fields.absent }),
    }
  }
  return { kind: 'always' }
}

function policiesOf(name: string, at: SourcePoint, reading: Reading): readonly NetworkPolicy[] {
  const objects = readObjects(name, at, reading)
  const policies: NetworkPolicy[] = []
  for (const object of objects) {
    if (isNetworkPolicy(object)) policies.push(object)
    else
      reading.problems.add(
        at,
        'reference-kind',
        `"${name}" may hold NetworkPolicy objects only; ${object.kind} ${object.metadata.name} is none.`,
      )
  }
  return policies
}

function isNetworkPolicy(object: AnyKubeObject): object is AnyKubeObject & NetworkPolicy {
  return object.kind === 'NetworkPolicy' && object.apiVersion === 'networking.k8s.io/v1'
}
