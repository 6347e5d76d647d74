import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabError } from '../../base/errors.ts'
import type { Environment } from '../../platform/environment.ts'
import { readEnvironment } from '../../platform/environment.ts'
import { findLabHome, type LabHome } from '../../platform/lab-home.ts'

/** Where everything is, for one command. */
export interface Lab {
  readonly environment: Environment
  readonly home: LabHome
  readonly lessonsFolder: string
}

export function findLab(): Lab {
  const environment = readEnvironment()
  return { environment, home: findLabHome(environment), lessonsFolder: findLessonsFolder() }
}

/** The lessons that come with the program: in the folder above the bundle, or above the sources. */
function findLessonsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'lessons')))
      return join(folder, 'lessons')
    if (dirname(folder) === folder) {
      throw new LabError('ERR_INTERNAL', 'The lessons are missing from this installation.', {
        next: ['Install netpol-lab again.'],
      })
    }
  }
}
