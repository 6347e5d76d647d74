import type { RootContent } from 'mdast'
import { folderName, type LessonFiles, shownName } from './lesson-files.ts'
import { plainText, pointOf, readMarkdown, slug } from './markdown.ts'
import type { Lesson, LessonProblem, LessonStep, ScoreParts, SourcePoint } from './model.ts'
import { parseBlocks } from './parse-blocks.ts'
import { Places } from './places.ts'
import { Problems } from './problems.ts'
import { type Reading, readObjects } from './read-objects.ts'
import { decode } from './schema/decode.ts'
import { type FrontMatter, frontMatterSchema } from './schema/front-matter.ts'
import { readYaml } from './yaml-source.ts'

export type ParsedLesson =
  | { readonly lesson: Lesson; readonly places: Places }
  | { readonly problems: readonly LessonProblem[] }

const LESSON_FILE = 'lesson.md'
const WORLD_FILE = 'world.yaml'

/**
 * Reads a lesson from the texts of its folder. Pure. Gives the lesson, or every rule of the format that it breaks with
 * file, line and column. What a lesson may do and whether its parts fit together is judged by `checkLesson`.
 */
export function parseLesson(given: LessonFiles): ParsedLesson {
  const files = withLf(given)
  const problems = new Problems()
  const reading: Reading = { files, problems, places: new Places() }
  const lesson = readLesson(files, reading)
  return lesson === undefined || problems.any
    ? { problems: problems.list() }
    : { lesson, places: reading.places }
}

function readLesson(files: LessonFiles, reading: Reading): Lesson | undefined {
  const { problems } = reading
  const file = shownName(files, LESSON_FILE)
  const top: SourcePoint = { file, line: 1, column: 1 }
  const text = files.texts.get(LESSON_FILE)
  if (text === undefined) {
    problems.add(top, 'file-missing', 'There is no lesson.md in this folder. Add it.')
    return undefined
  }
  const name = folderName(files.folder)
  if (name === undefined) {
    problems.add(
      top,
      'folder-name',
      'Name the folder <nn>-<id>: two digits, a dash, and the id of the lesson, such as 08-deny-egress.',
    )
  }
  const nodes = readMarkdown(text).children
  const front = readFrontMatter(nodes, file, reading)
  if (front !== undefined && name !== undefined && front.fields.id !== name.id) {
    problems.add(
      front.at('id'),
      'id-mismatch',
      `The folder says "${name.id}" and the front matter "${front.fields.id}". Make them the same.`,
    )
  }
  const parts = splitSteps(nodes, file, problems, front)
  const intro = parseBlocks(parts.intro, undefined, file, reading).blocks
  const steps = parts.steps.map((part, index) => readStep(part, index + 1, file, reading))
  assertUniqueSteps(steps, problems)
  if (!files.texts.has(WORLD_FILE)) {
    problems.add(
      { ...top, file: shownName(files, WORLD_FILE) },
      'file-missing',
      'There is no world.yaml beside lesson.md. Add it; a file with comments only is an empty world.',
    )
  }
  const world = files.texts.has(WORLD_FILE) ? readWorld(files, reading) : []
  if (front === undefined || name === undefined) return undefined
  const { fields } = front
  const lesson: Lesson = {
    format: 1,
    number: name.number,
    id: fields.id,
    title: fields.title,
    ...(fields.shortTitle === undefined ? {} : { shortTitle: fields.shortTitle }),
    summary: fields.summary,
    level: fields.level,
    minutes: fields.minutes,
    objectives: fields.objectives,
    ...(fields.source === undefined
      ? {}
      : {
          source: {
            title: fields.source.title,
            ...(fields.source.url === undefined ? {} : { url: fields.source.url }),
          },
        }),
    needs: fields.needs,
    folder: files.folder,
    intro,
    steps,
    world,
    shown: fields.shown,
    points: pointsOf(steps),
  }
  return reading.places.keep(lesson, front.source)
}

function withLf(files: LessonFiles): LessonFiles {
  const texts = new Map(
    [...files.texts].map(([name, text]) => [
      name,
      text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'),
    ]),
  )
  return { ...files, texts }
}

interface Front {
  readonly fields: FrontMatter
  readonly source: ReturnType<typeof readYaml>[number]
  at(field: string): SourcePoint
}

function readFrontMatter(
  nodes: readonly RootContent[],
  file: string,
  reading: Reading,
): Front | undefined {
  const first = nodes[0]
  if (first === undefined || first.type !== 'yaml') {
    reading.problems.add(
      { file, line: 1, column: 1 },
      'front-matter',
      'Start lesson.md with front matter: a line "---", the fields, and a line "---".',
    )
    return undefined
  }
  const [source] = readYaml(
    first.value,
    { file, firstLine: pointOf(first, file).line + 1 },
    reading.problems,
  )
  if (source === undefined) return undefined
  const fields = decode(frontMatterSchema, source, reading.problems)
  return fields === undefined ? undefined : { fields, source, at: (field) => source.at([field]) }
}

interface StepPart {
  readonly heading: RootContent
  readonly title: string
  readonly nodes: RootContent[]
}

/** The first heading is the title, each `##` opens a step. */
function splitSteps(
  nodes: readonly RootContent[],
  file: string,
  problems: Problems,
  front: Front | undefined,
): { readonly intro: readonly RootContent[]; readonly steps: readonly StepPart[] } {
  const intro: RootContent[] = []
  const steps: StepPart[] = []
  let titled = false
  for (const node of nodes) {
    if (node.type === 'yaml') continue
    if (node.type === 'heading' && node.depth <= 2) {
      const text = plainText(node).trim()
      const at = pointOf(node, file)
      if (node.depth === 1) {
        if (titled || steps.length > 0)
          problems.add(
            at,
            'heading',
            'A lesson has one "# " heading, its title. Write "## " for a step.',
          )
        else if (front !== undefined && front.fields.title !== text) {
          problems.add(
            at,
            'title-mismatch',
            `The heading says "${text}" and the front matter "${front.fields.title}". Make them the same.`,
          )
        }
        titled = true
      } else {
        if (text === '') problems.add(at, 'heading', 'Give this step a title after "## ".')
        steps.push({ heading: node, title: text, nodes: [] })
      }
      continue
    }
    const step = steps.at(-1)
    if (step === undefined) intro.push(node)
    else step.nodes.push(node)
  }
  if (!titled)
    problems.add(
      { file, line: 1, column: 1 },
      'title-missing',
      'Write the title as the first heading after the front matter: "# Title".',
    )
  if (steps.length === 0)
    problems.add(
      { file, line: 1, column: 1 },
      'no-steps',
      'A lesson needs at least one step. Write a heading "## Title of the step".',
    )
  return { intro, steps }
}

function readStep(part: StepPart, number: number, file: string, reading: Reading): LessonStep {
  const id = slug(part.title)
  const { blocks, hints, wrongAnswers, solution } = parseBlocks(part.nodes, id, file, reading)
  const step = {
    id,
    number,
    title: part.title,
    blocks,
    hints,
    wrongAnswers,
    ...(solution === undefined ? {} : { solution }),
    at: pointOf(part.heading, file),
  }
  return reading.places.keepPoint(step, step.at)
}

function assertUniqueSteps(steps: readonly LessonStep[], problems: Problems): void {
  const seen = new Set<string>()
  for (const step of steps) {
    if (seen.has(step.id))
      problems.add(
        step.at,
        'duplicate-step',
        `Two steps are called "${step.title}". Give each its own title.`,
      )
    seen.add(step.id)
  }
}

/** `world.yaml`; comments alone are an empty world. */
function readWorld(files: LessonFiles, reading: Reading): Lesson['world'] {
  const isEmpty = (files.texts.get(WORLD_FILE) ?? '')
    .split('\n')
    .every((line) => /^\s*(#.*|---.*)?$/.test(line))
  return isEmpty
    ? []
    : readObjects(WORLD_FILE, { file: shownName(files, WORLD_FILE), line: 1, column: 1 }, reading)
}

function pointsOf(steps: readonly LessonStep[]): ScoreParts {
  const total = { result: 0, reason: 0, prediction: 0, recall: 0 }
  for (const block of steps.flatMap((step) => step.blocks)) {
    if (block.kind === 'check') for (const check of block.checks) total.result += check.points
    if (block.kind === 'quiz') total.recall += block.quiz.points
    if (block.kind === 'console') {
      for (const { prediction } of block.items) {
        total.prediction += prediction?.points ?? 0
        total.reason += prediction?.because?.points ?? 0
      }
    }
  }
  return total
}
