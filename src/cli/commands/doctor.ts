import { createProviders } from '../../cluster/providers.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { findLab } from '../wire/lab.ts'

/** Looks at this computer and changes nothing. Exit code 3 when no kind of cluster can be used. */
export async function doctor(options: { readonly json?: boolean }): Promise<number> {
  const lab = findLab()
  const providers = createProviders({
    environment: lab.environment,
    home: lab.home,
    clock: createRealClock(),
  })
  const signal = AbortSignal.timeout(15_000)
  const found = await Promise.all(
    Object.values(providers).map(async (provider) => {
      const { error: _error, ...readiness } = await provider.detect({ signal })
      return { kind: provider.kind, title: provider.title, readiness }
    }),
  )
  const usable = found.some(({ readiness }) => readiness.state !== 'not-ready')
  const folders = { progress: lab.home.data, settings: lab.home.config, lessons: lab.lessonsFolder }
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ node: process.version, platform: process.platform, clusters: found, folders }, null, 2)}\n`,
    )
    return usable ? 0 : 3
  }
  const line = (text: string) => process.stdout.write(`${text}\n`)
  line(`node ${process.version} on ${process.platform} ${process.arch}`)
  for (const { title, readiness } of found) {
    line(`${title}: ${readiness.word}`)
    line(`  ${readiness.found}`)
    for (const fix of readiness.fixes)
      line(`  to do: ${fix.label}${fix.command === undefined ? '' : `: ${fix.command}`}`)
    for (const choice of readiness.choices ?? []) line(`  context ${choice}`)
  }
  line(`your progress: ${folders.progress}`)
  line(`your settings: ${folders.settings}`)
  return usable ? 0 : 3
}
