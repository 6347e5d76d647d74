import type { AnyKubeObject } from '../../kube/objects.ts'
import { shownName } from '../lesson-files.ts'
import type { SourcePoint } from '../model.ts'
import { objectsIn } from '../read-objects.ts'
import { decode, valueAt } from '../schema/decode.ts'
import { LESSON_KINDS, lessonObjectSchema } from '../schema/objects.ts'
import type { Rule, RuleContext } from './rule.ts'

/** Objects of the world, of answers and of the files that the learner applies are of allowed kinds, in the lesson's namespaces. */
export const assertObjects: Rule = (context) => {
  const { lesson, files, places } = context
  const top: SourcePoint = { file: shownName(files, 'world.yaml'), line: 1, column: 1 }
  for (const object of lesson.world) assertObject(object, top, context)
  for (const step of lesson.steps) {
    for (const answer of step.wrongAnswers) {
      for (const object of answer.objects)
        assertObject(object, places.of(answer, ['file'], step.at), context)
    }
    const { solution } = step
    const fields = solution === undefined ? undefined : places.sourceOf(solution)?.value
    for (const [index, file] of (solution?.files ?? []).entries()) {
      const from = valueAt(fields, ['files', index, 'from'])
      const name = shownName(files, typeof from === 'string' ? from : file.name)
      for (const object of objectsIn(file.text, name, 1, context))
        assertObject(object, step.at, context)
    }
    for (const block of step.blocks) {
      if (block.kind !== 'file') continue
      const objects = objectsIn(block.text, block.at.file, block.at.line + 1, context)
      for (const object of objects) assertObject(object, block.at, context)
    }
  }
}

function assertObject(
  object: AnyKubeObject,
  fallback: SourcePoint,
  { lesson, places, problems }: RuleContext,
): void {
  const at = (...path: string[]) => places.of(object, path, fallback)
  const source = places.sourceOf(object)
  const kind = LESSON_KINDS.find((one) => one === object.kind)
  if (kind === undefined) {
    problems.add(
      at('kind'),
      'object-kind',
      `A lesson may not make objects of kind ${object.kind}. Allowed are ${LESSON_KINDS.join(', ')}.`,
    )
    return
  }
  if (source !== undefined) decode(lessonObjectSchema, source, problems)
  const namespace =
    kind === 'Namespace' ? object.metadata.name : (object.metadata.namespace ?? 'default')
  if (/^kube-/.test(namespace)) {
    problems.add(
      at('metadata'),
      'object-namespace',
      `The namespace ${namespace} belongs to the cluster. Use a namespace of the lesson.`,
    )
  } else if (!lesson.needs.namespaces.includes(namespace)) {
    problems.add(
      at('metadata'),
      'object-namespace',
      `The namespace ${namespace} is not under "needs". Add it there, or use ${lesson.needs.namespaces.join(' or ')}.`,
    )
  }
  for (const image of imagesOf(object)) {
    if (!lesson.needs.images.includes(image)) {
      problems.add(
        at('spec'),
        'image-unlisted',
        `The image ${image} is not under "needs". Add it there, so that it is loaded before the lesson starts.`,
      )
    }
  }
}

function imagesOf(object: AnyKubeObject): readonly string[] {
  const images: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'image' && typeof inner === 'string') images.push(inner)
        else visit(inner)
      }
    }
  }
  if (object.kind === 'Pod' || object.kind === 'Deployment') visit(object.spec)
  return images
}
