import { createJsonReporter } from './json-reporter.ts'
import { createJunitReporter } from './junit-reporter.ts'
import { createPrettyReporter } from './pretty-reporter.ts'
import type { Reporter, ReporterStreams } from './reporter.ts'
import { createTapReporter } from './tap-reporter.ts'

export type ReporterName = 'pretty' | 'json' | 'junit' | 'tap'

export const REPORTERS: Readonly<Record<ReporterName, (streams: ReporterStreams) => Reporter>> = {
  pretty: createPrettyReporter,
  json: createJsonReporter,
  junit: createJunitReporter,
  tap: createTapReporter,
}
