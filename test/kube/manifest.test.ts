import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/kube/manifest.ts'
import { slicesOfServices } from '../../src/kube/service-slices.ts'
import { podsOfWorkload } from '../../src/kube/workload-pods.ts'

const template = '{metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}'

const podsOf = (text: string) =>
  readManifest(text, 'x.yaml').objects.map(({ object }) =>
    podsOfWorkload(object)?.pods.map(({ metadata }) => metadata.name),
  )

describe('a manifest', () => {
  it('gives the objects of its documents and lists, and the line of each part', () => {
    const { objects, problems } = readManifest(
      '---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: b}\n',
      'x.yaml',
    )
    expect(problems).toEqual([])
    expect(objects.map(({ object, lineOf }) => [object.metadata.name, lineOf([])])).toEqual([
      ['a', 7],
      ['b', 11],
    ])
    expect(objects[0]?.lineOf(['metadata', 'name'])).toBe(10)
    expect(objects[0]?.lineOf(['metadata', 'labels', 'x'])).toBe(9)
  })

  it('may be JSON', () => {
    const { objects } = readManifest(
      '{\n"apiVersion": "v1",\n\t"kind": "Namespace", "metadata": {"name": "a"}}',
      'x.json',
    )
    expect(objects[0]?.object.kind).toBe('Namespace')
    expect(objects[0]?.lineOf(['kind'])).toBe(3)
  })

  it('names every field of a wrong type with its line', () => {
    const { problems } = readManifest(
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    size: 1\nspec:\n  containers:\n  - name: a\n    ports:\n    - containerPort: "80"\n',
      'x.yaml',
    )
    expect(problems).toEqual([
      { file: 'x.yaml', line: 6, message: 'metadata.labels.size has to be text, and is 1.' },
      {
        file: 'x.yaml',
        line: 11,
        message: 'spec.containers[0].ports[0].containerPort has to be a whole number, and is "80".',
      },
    ])
  })
})

describe('workloads', () => {
  it.each([
    ['apps/v1', 'Deployment', `{template: ${template}}`, ['w']],
    ['apps/v1', 'Deployment', `{replicas: 5, template: ${template}}`, ['w-1', 'w-2']],
    ['apps/v1', 'Deployment', `{replicas: 0, template: ${template}}`, []],
    ['apps/v1', 'StatefulSet', `{replicas: 3, template: ${template}}`, ['w-0', 'w-1', 'w-2']],
    ['apps/v1', 'DaemonSet', `{template: ${template}}`, ['w-1', 'w-2']],
    ['batch/v1', 'Job', `{template: ${template}}`, ['w']],
    ['batch/v1', 'CronJob', `{jobTemplate: {spec: {template: ${template}}}}`, ['w']],
  ])('of %s %s %s stand for pods', (apiVersion, kind, spec, names) => {
    const text = `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: w}, spec: ${spec}}`
    expect(podsOf(text)).toEqual([names])
  })

  it('do not include kinds that make no pods', () => {
    expect(podsOf('{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}')).toEqual([undefined])
  })
})

describe('services', () => {
  it('lead to the port that each pod gives the name', () => {
    const pod = (name: string, containerPort: number) => ({
      apiVersion: 'v1',
      kind: 'Pod' as const,
      metadata: { name, labels: { app: 'web' } },
      spec: {
        containers: [{ name, image: name, ports: [{ name: 'http', containerPort }] }],
      },
      status: { podIP: `10.0.0.${containerPort % 100}` },
    })
    const slices = slicesOfServices(
      [
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'web' },
          spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
        },
      ],
      [pod('a', 8001), pod('b', 8002)],
    )
    expect(slices.map(({ ports }) => ports[0]?.port)).toEqual([8001, 8002])
  })
})
