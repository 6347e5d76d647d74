import * as z from 'zod'
import type { AnyKubeObject } from '../kube/objects.ts'
import type { LessonFiles } from './lesson-files.ts'
import { shownName } from './lesson-files.ts'
import { staysInside } from './local-name.ts'
import type { SourcePoint } from './model.ts'
import type { Places } from './places.ts'
import type { Problems } from './problems.ts'
import { decode } from './schema/decode.ts'
import { readYaml } from './yaml-source.ts'

const objectSchema = z.looseObject({
  apiVersion: z.string().min(1).describe('a version such as v1 or networking.k8s.io/v1'),
  kind: z.string().min(1).describe('a kind such as Pod'),
  metadata: z
    .looseObject({ name: z.string().min(1).describe('a name') })
    .describe('a mapping with a name'),
})

/** What reading files of a lesson needs. */
export interface Reading {
  readonly files: LessonFiles
  readonly problems: Problems
  readonly places: Places
}

/** The text of a file beside the lesson; a problem at `at` where the name leads outside or there is no such file. */
export function readBeside(
  name: string,
  at: SourcePoint,
  { files, problems }: Reading,
): string | undefined {
  if (!staysInside(name)) {
    problems.add(
      at,
      'file-outside',
      `"${name}" leads out of the lesson's folder. Name a file beside lesson.md, such as solution/allow.yaml.`,
    )
    return undefined
  }
  const text = files.texts.get(name)
  if (text === undefined) {
    problems.add(
      at,
      'file-missing',
      `There is no file "${name}" in the lesson's folder. Add it, or correct the name.`,
    )
  }
  return text
}

/** The Kubernetes objects of a file beside the lesson, one per YAML document. */
export function readObjects(
  name: string,
  at: SourcePoint,
  reading: Reading,
): readonly AnyKubeObject[] {
  const text = readBeside(name, at, reading)
  if (text === undefined) return []
  const objects = objectsIn(text, shownName(reading.files, name), 1, reading)
  if (objects.length === 0 && !reading.problems.any) {
    reading.problems.add(
      at,
      'file-empty',
      `The file "${name}" holds no object. Write at least one.`,
    )
  }
  return objects
}

/** The objects in a text that starts at a line of a file. Empty documents are skipped, as kubectl does. */
export function objectsIn(
  text: string,
  file: string,
  firstLine: number,
  reading: Reading,
): readonly AnyKubeObject[] {
  const found: AnyKubeObject[] = []
  for (const source of readYaml(text, { file, firstLine }, reading.problems)) {
    if (source.value === null) continue
    const object = decode(objectSchema, source, reading.problems)
    if (object !== undefined) found.push(reading.places.keep(object, source))
  }
  return found
}
