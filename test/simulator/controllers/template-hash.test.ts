import { expect, it } from 'vitest'
import type { PodTemplate } from '../../../src/kube/objects.ts'
import { templateHash } from '../../../src/simulator/controllers/template-hash.ts'

const template = (image: string): PodTemplate => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
})

it('has the signs that the digits of a number become, as the hashes of Kubernetes have', () => {
  const hashes = Array.from({ length: 200 }, (_none, index) => templateHash(template(`a:${index}`)))
  for (const hash of hashes) expect(hash).toMatch(/^[4-9bcdf]{6,10}$/)
  expect(new Set(hashes).size).toBe(200)
})

it('follows from the content alone, whatever the order of its fields', () => {
  const { metadata, spec } = template('a')
  expect(templateHash({ spec, ...(metadata === undefined ? {} : { metadata }) })).toBe(
    templateHash(template('a')),
  )
})
