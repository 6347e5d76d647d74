import { distance } from 'fastest-levenshtein'
import type { Code, RootContent } from 'mdast'
import type * as z from 'zod'
import { convertCheck } from './convert-check.ts'
import { convertPrediction, convertQuiz } from './convert-question.ts'
import { isWorkFileName } from './local-name.ts'
import { contentPlace, isHtmlComment, pointOf, walk } from './markdown.ts'
import type {
  ConsoleItem,
  Hint,
  LessonBlock,
  Prediction,
  Solution,
  SourcePoint,
  WrongAnswer,
} from './model.ts'
import { parseConsole } from './parse-console.ts'
import { opensDetails, parseHint } from './parse-hint.ts'
import { type Reading, readBeside, readObjects } from './read-objects.ts'
import { checksSchema } from './schema/check.ts'
import { decode } from './schema/decode.ts'
import { predictSchema, quizSchema } from './schema/questions.ts'
import { solutionSchema, taskSchema, wrongSchema } from './schema/work.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

/** Words after ```yaml that give a block a meaning. */
const YAML_BLOCKS = ['check', 'predict', 'quiz', 'task', 'wrong', 'solution'] as const

export interface ParsedBlocks {
  readonly blocks: readonly LessonBlock[]
  readonly hints: readonly Hint[]
  readonly wrongAnswers: readonly WrongAnswer[]
  readonly solution: Solution | undefined
}

/**
 * Reads the nodes of one step, or of the introduction, where nothing but prose and excerpts may stand.
 * `stepId` is `undefined` for the introduction.
 */
export function parseBlocks(
  nodes: readonly RootContent[],
  stepId: string | undefined,
  file: string,
  reading: Reading,
): ParsedBlocks {
  const parser = new BlockParser(stepId, file, reading)
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]
    if (node === undefined) continue
    if (opensDetails(node)) {
      index += parser.hint(nodes, index) - 1
    } else parser.node(node)
  }
  return parser.finish()
}

class BlockParser {
  private readonly blocks: LessonBlock[] = []
  private readonly hints: Hint[] = []
  private readonly wrongAnswers: WrongAnswer[] = []
  private readonly items: ConsoleItem[] = []
  private solution: Solution | undefined
  private prediction: { readonly prediction: Prediction; readonly at: SourcePoint } | undefined

  private readonly stepId: string | undefined
  private readonly file: string
  private readonly reading: Reading

  constructor(stepId: string | undefined, file: string, reading: Reading) {
    this.stepId = stepId
    this.file = file
    this.reading = reading
  }

  node(node: RootContent): void {
    if (isHtmlComment(node)) return
    if (node.type === 'code') {
      this.code(node)
      return
    }
    walk(node, (inner) => {
      const at = pointOf(inner, this.file)
      if (inner.type === 'html')
        this.problem(at, 'html', 'HTML is not drawn in a terminal. Write it in Markdown.')
      if (inner.type === 'image')
        this.problem(at, 'image', 'Images are not drawn in a terminal. Say it in words or as text.')
      if (inner.type === 'code' && hasMeaning(inner)) {
        this.problem(
          at,
          'nested-block',
          'This block stands inside a list or a quote. Move it out, to the left margin.',
        )
      }
    })
    this.blocks.push({ kind: 'prose', node })
  }

  hint(nodes: readonly RootContent[], index: number): number {
    const { hint, used } = parseHint(nodes, index, this.file, this.reading.problems)
    const opening = nodes[index]
    if (hint !== undefined && opening !== undefined) {
      const at = pointOf(opening, this.file)
      const before = this.hints.at(-1)
      if (this.stepId === undefined)
        this.problem(
          at,
          'block-in-intro',
          'Move this hint below a "## " heading: hints belong to a step.',
        )
      if (before !== undefined && hint.tier <= before.tier) {
        this.problem(
          at,
          'hint-tier',
          `Hint ${hint.tier} comes after hint ${before.tier}. Order hints by tier, each once.`,
        )
      }
      this.hints.push(hint)
    }
    return used
  }

  finish(): ParsedBlocks {
    this.assertPredictionUsed()
    return {
      blocks: this.blocks,
      hints: this.hints,
      wrongAnswers: this.wrongAnswers,
      solution: this.solution,
    }
  }

  private code(code: Code): void {
    const at = pointOf(code, this.file)
    const language = code.lang ?? ''
    const meta = code.meta?.trim() ?? ''
    if (this.stepId === undefined && hasMeaning(code)) {
      this.problem(
        at,
        'block-in-intro',
        'Move this block below a "## " heading: before the first step stands prose only.',
      )
      return
    }
    if (language === 'console') {
      if (meta !== '') this.problem(at, 'unknown-block', `Write \`\`\`console without "${meta}".`)
      this.console(code)
    } else if (language === 'yaml' && meta !== '') {
      this.yaml(meta, code, at)
    } else if (language === 'yaml' && fileNameOf(code) !== undefined) {
      this.workFile(code, at)
    } else {
      this.blocks.push({ kind: 'excerpt', language, text: code.value, at })
    }
  }

  private console(code: Code): void {
    const bare = parseConsole(code, this.file, this.reading.problems)
    const items = bare.map((item, index) => {
      const prediction = index === 0 ? this.prediction?.prediction : undefined
      return {
        ...item,
        id: `${this.stepId}-${this.items.length + index + 1}`,
        ...(prediction === undefined ? {} : { prediction }),
      }
    })
    if (items.length === 0) return
    this.prediction = undefined
    this.items.push(...items)
    const at = contentPlace(code, this.file)
    this.blocks.push({
      kind: 'console',
      items,
      at: { file: this.file, line: at.firstLine - 1, column: at.indent + 1 },
    })
  }

  private workFile(code: Code, at: SourcePoint): void {
    const name = fileNameOf(code) ?? ''
    const nameAt = { file: this.file, line: at.line + 1, column: at.column }
    if (!isWorkFileName(name)) {
      this.problem(
        nameAt,
        'file-outside',
        `"${name}" is not a file of the work folder. Write a bare name such as allow-dns.yaml.`,
      )
      return
    }
    this.blocks.push({ kind: 'file', name, text: `${code.value}\n`, at })
  }

  private yaml(word: string, code: Code, at: SourcePoint): void {
    const source = this.source(code)
    if (source === undefined) return
    switch (word) {
      case 'check': {
        const fields = this.decode(checksSchema, source)
        if (fields === undefined) return
        const checks = fields.map((check, index) =>
          this.reading.places.keep(
            convertCheck(check, index, source, this.items, this.reading),
            source,
            [index],
          ),
        )
        this.blocks.push({ kind: 'check', checks, at })
        return
      }
      case 'predict': {
        const fields = this.decode(predictSchema, source)
        if (fields === undefined) return
        this.assertPredictionUsed()
        const prediction = convertPrediction(fields, source, at, this.reading.problems)
        this.prediction = { prediction: this.reading.places.keep(prediction, source), at }
        return
      }
      case 'quiz': {
        const fields = this.decode(quizSchema, source)
        if (fields === undefined) return
        this.blocks.push({
          kind: 'quiz',
          quiz: this.reading.places.keep(convertQuiz(fields), source),
          at,
        })
        return
      }
      case 'task': {
        const fields = this.decode(taskSchema, source)
        if (fields === undefined) return
        const { file, ...rest } = fields
        if (file !== undefined && !isWorkFileName(file)) {
          this.problem(
            source.at(['file']),
            'file-outside',
            `"${file}" is not a file of the work folder. Write a bare name such as allow-dns.yaml.`,
          )
        }
        const task = this.reading.places.keep(file === undefined ? rest : { ...rest, file }, source)
        this.blocks.push({ kind: 'task', task, at })
        return
      }
      case 'wrong':
        this.wrong(source)
        return
      case 'solution':
        this.solve(source, at)
        return
      default: {
        const near = YAML_BLOCKS.find((known) => distance(known, word) <= 2)
        this.problem(
          at,
          'unknown-block',
          `There is no block "yaml ${word}". ${near === undefined ? `Known are ${YAML_BLOCKS.join(', ')}; leave the word away for an excerpt.` : `Write "yaml ${near}".`}`,
        )
      }
    }
  }

  private wrong(source: YamlSource): void {
    const answers = this.decode(wrongSchema, source) ?? []
    for (const [index, answer] of answers.entries()) {
      const objects = readObjects(answer.file, source.at([index, 'file']), this.reading)
      this.wrongAnswers.push(this.reading.places.keep({ ...answer, objects }, source, [index]))
    }
  }

  private solve(source: YamlSource, at: SourcePoint): void {
    const fields = this.decode(solutionSchema, source)
    if (fields === undefined) return
    if (this.solution !== undefined) {
      this.problem(at, 'solution-twice', 'A step has one solution. Join the two blocks.')
      return
    }
    const files = fields.files.map(({ name, from }, index) => {
      if (!isWorkFileName(name)) {
        this.problem(
          source.at(['files', index, 'name']),
          'file-outside',
          `"${name}" is not a file of the work folder. Write a bare name such as allow-dns.yaml.`,
        )
      }
      const fromAt = source.at(['files', index, 'from'])
      const text = readBeside(from, fromAt, this.reading)
      return { name, text: text ?? '' }
    })
    this.solution = this.reading.places.keep({ files, commands: fields.commands }, source)
  }

  private source(code: Code): YamlSource | undefined {
    const sources = readYaml(code.value, contentPlace(code, this.file), this.reading.problems)
    if (sources.length > 1) {
      this.problem(
        pointOf(code, this.file),
        'yaml-documents',
        'Write one YAML document in this block, without "---".',
      )
    }
    return sources[0]
  }

  private decode<T>(schema: z.ZodType<T>, source: YamlSource): T | undefined {
    return decode(schema, source, this.reading.problems)
  }

  private assertPredictionUsed(): void {
    if (this.prediction === undefined) return
    this.problem(
      this.prediction.at,
      'predict-unattached',
      'No console line follows in this step. Put the prediction right before the command whose outcome it asks for.',
    )
    this.prediction = undefined
  }

  private problem(at: SourcePoint, rule: string, message: string): void {
    this.reading.problems.add(at, rule, message)
  }
}

function fileNameOf(code: Code): string | undefined {
  const first = code.value.split('\n', 1)[0] ?? ''
  return /^#\s+(\S+\.ya?ml)\s*$/.exec(first)?.[1]
}

/** Whether a code block is more than an excerpt. */
function hasMeaning(code: Code): boolean {
  if (code.lang === 'console') return true
  return code.lang === 'yaml' && ((code.meta ?? '').trim() !== '' || fileNameOf(code) !== undefined)
}
