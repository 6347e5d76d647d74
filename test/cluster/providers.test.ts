import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { createProviders, detectAll } from '../../src/cluster/providers.ts'
import { parseEnvironment } from '../../src/platform/environment.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { findLabHome } from '../../src/platform/lab-home.ts'

describe('the table of clusters', () => {
  test('looks for every kind at once and tells each as soon as it is known', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-providers-'))
    try {
      const environment = parseEnvironment(
        { NETPOL_LAB_HOME: folder, PATH: join(folder, 'nothing-here') },
        { platform: process.platform, homeFolder: folder },
      )
      const providers = createProviders({
        environment,
        home: findLabHome(environment),
        clock: createFastClock(),
      })
      const told: string[] = []
      const found = await detectAll(providers, {
        signal: new AbortController().signal,
        onFound: (kind, { word }) => told.push(`${kind} ${word}`),
      })
      expect(told.sort()).toEqual(['context none found', 'kind not ready', 'simulated ready'])
      expect(found.simulated.state).toBe('ready')
      expect(found.kind.found).toBe('kind is not installed.')
      for (const [kind, provider] of Object.entries(providers)) expect(provider.kind).toBe(kind)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('loads no heavy library before a cluster is looked for or opened', async () => {
    const { metafile } = await build({
      entryPoints: ['src/cluster/providers.ts'],
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outdir: 'unused',
      write: false,
      metafile: true,
      logLevel: 'error',
    })
    const loaded = new Set<string>()
    const walk = (output: string) => {
      if (loaded.has(output)) return
      loaded.add(output)
      for (const { path, kind } of metafile.outputs[output]?.imports ?? []) {
        if (kind === 'import-statement' && path in metafile.outputs) walk(path)
      }
    }
    for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
      if (entryPoint === 'src/cluster/providers.ts') walk(output)
    }
    const inputs = [...loaded].flatMap((output) =>
      Object.keys(metafile.outputs[output]?.inputs ?? {}),
    )
    expect(inputs).toContain('src/cluster/providers.ts')
    const heavy =
      /node_modules\/(@kubernetes|execa|yaml|selfsigned|ws|node-fetch)\/|src\/simulator\//
    expect(inputs.filter((input) => heavy.test(input))).toEqual([])
  })
})
