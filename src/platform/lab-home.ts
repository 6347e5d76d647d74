import { join, resolve } from 'node:path'
import envPaths from 'env-paths'
import type { Environment } from './environment.ts'

/** The folders of the lab. None of them is made by asking for its name. */
export interface LabHome {
  /** Progress and the learner's work. */
  readonly data: string
  /** Settings. */
  readonly config: string
  /** One folder for each kind of cluster, inside `data`. */
  readonly clusters: string
}

/** The platform's usual folders, or `NETPOL_LAB_HOME/data` and `NETPOL_LAB_HOME/config`. */
export function findLabHome(environment: Environment): LabHome {
  const { home } = environment.lab
  const { data, config } =
    home === undefined
      ? envPaths('netpol-lab', { suffix: '' })
      : { data: join(resolve(home), 'data'), config: join(resolve(home), 'config') }
  return { data, config, clusters: join(data, 'clusters') }
}
