import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pod } from '../../../src/kube/objects.ts'
import type { PodVolume } from '../../../src/simulator/ports.ts'
import { createWorld, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

function start(volume: PodVolume, more: readonly PodVolume[] = []) {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one', namespace: 'default', uid: 'one' },
    spec: { containers: [], nodeName: 'node-1' },
    status: { podIP: '10.244.0.9', hostIP: '172.18.0.2' },
  }
  return world.runtime.startContainer(
    pod,
    { name: 'main', image: 'alpine', command: ['sleep', 'infinity'] },
    {
      mounts: [volume, ...more].map((each, index) => ({
        path: `/v${index}`,
        volume: each,
        readOnly: false,
      })),
    },
  )
}

describe('a volume in two places', () => {
  test('moves files between volumes, and links none across', async () => {
    const [a, b] = [world.runtime.createVolume({}), world.runtime.createVolume({})]
    const container = start(a, [b])
    const ran = await world.run(
      container,
      'echo x > /v0/f; mv /v0/f /v1/g; ls /v0; cat /v1/g; echo y > /v0/h; ln /v0/h /v1/h; mkdir /v0/d; echo z > /v0/d/z; mv /v0/d /tmp/d; cat /tmp/d/z; ls /v0',
    )
    expect(ran.output).toBe('x\nln: /v1/h: Cross-device link\nz\nh\n')
    await container.stop(0)
  })

  test('has the files of one mount inside another', async () => {
    const [outer, inner] = [world.runtime.createVolume({}), world.runtime.createVolume({})]
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one', namespace: 'default', uid: 'one' },
      spec: { containers: [], nodeName: 'node-1' },
      status: { podIP: '10.244.0.9', hostIP: '172.18.0.2' },
    }
    const container = world.runtime.startContainer(
      pod,
      { name: 'main', image: 'alpine', command: ['sleep', 'infinity'] },
      {
        mounts: [
          { path: '/a', volume: outer, readOnly: false },
          { path: '/a/b', volume: inner, readOnly: true },
        ],
      },
    )
    const ran = await world.run(
      container,
      'echo 1 > /a/one; echo 2 > /a/b/two; ls -R /a; rmdir /a/b',
    )
    expect(ran.output).toBe(
      "sh: can't create /a/b/two: Read-only file system\n/a:\nb\none\n\n/a/b:\nrmdir: '/a/b': Resource busy\n",
    )
    expect(outer.changedFiles()).toEqual({ '/one': 'MQo=' })
    await container.stop(0)
  })
})
