import type { ChoiceQuestion, Question } from '../../runner/snapshot.ts'
import type { Body } from '../layout/viewport.ts'
import { isSettled } from '../place/place.ts'
import { EMPTY_LINE, joinLine, type Line } from '../text/line.ts'
import { codeLines } from '../text/markdown.ts'
import type { Theme } from '../theme/theme.ts'
import { type ChoiceRow, choiceLines, factLines, prose, textRoom } from './parts.ts'

/** A question with its numbered choices: dialog, prediction, quiz, the pick of a reason, and what became of the answer. */
export function questionScreen(
  question: Question | ChoiceQuestion,
  options: {
    readonly mark: number | undefined
    readonly width: number
    readonly theme: Theme
  },
): Body {
  const { mark, width, theme } = options
  const before: Line[] = [EMPTY_LINE, ...leadLines(question, options)]
  const after = afterLines(question, width)
  const answered = 'answered' in question ? question.answered : undefined
  const settled = isSettled(question)
  const rows = question.choices.map((choice, index): ChoiceRow => {
    const sign =
      answered === undefined
        ? choice.mark === undefined
          ? undefined
          : [theme.symbol(choice.mark)]
        : answerSign(index, answered, theme)
    return {
      number: index + 1,
      label: choice.label,
      note: answered === undefined ? choice.note : answerNote(index, answered),
      marked: !settled && index === mark,
      sign,
    }
  })
  const choices = choiceLines(rows, width, theme)
  const start = mark === undefined ? undefined : choices.starts[mark]
  return {
    lines: [...before, ...choices.lines, ...after],
    marked: settled || start === undefined ? undefined : before.length + start,
  }
}

function leadLines(
  question: Question | ChoiceQuestion,
  options: {
    readonly width: number
    readonly theme: Theme
  },
): Line[] {
  const { width } = options
  const text = question.text.flatMap((sentence) => [...prose(sentence, width), EMPTY_LINE])
  const excerpt =
    question.excerpt === undefined
      ? []
      : [
          ...codeLines(question.excerpt, 'yaml', textRoom(width) - 4).map((line) =>
            joinLine('      ', line),
          ),
          EMPTY_LINE,
        ]
  if ('kind' in question && question.kind === 'predict') {
    return [
      ...prose(`${question.prompt} ${question.command}`, width),
      EMPTY_LINE,
      ...factLines(
        [
          { label: 'from', text: question.from },
          { label: 'to', text: question.to },
        ],
        width,
        2,
      ),
      EMPTY_LINE,
      ...text,
      ...excerpt,
    ]
  }
  return [...text, ...excerpt]
}

function afterLines(question: Question | ChoiceQuestion, width: number): Line[] {
  if ('answered' in question && question.answered !== undefined) {
    const { reasons, points } = question.answered
    return [
      EMPTY_LINE,
      ...reasons.flatMap((reason) => [...prose(reason, width), EMPTY_LINE]),
      ...prose(points, width),
    ]
  }
  if ('kind' in question && question.kind === 'predict')
    return [EMPTY_LINE, ...prose(question.footnote, width)]
  return []
}

type Answered = NonNullable<Extract<Question, { kind: 'quiz' | 'because' }>['answered']>

function answerSign(index: number, answered: Answered, theme: Theme): Line | undefined {
  if (index === answered.right) return [theme.symbol('good')]
  return index === answered.chosen ? [theme.symbol('bad')] : undefined
}

/** Each sign with its word. */
function answerNote(index: number, answered: Answered): string {
  if (index === answered.right) return index === answered.chosen ? 'yours, right' : 'right'
  return index === answered.chosen ? 'yours, not right' : ''
}

/** The runner says what Enter does with the choice that is marked at first; for another one its own words are said. */
export function questionNow(
  question: Question | ChoiceQuestion,
  mark: number | undefined,
): string | undefined {
  if (mark === undefined || mark === question.marked) return undefined
  const choice = question.choices[mark]
  if (choice === undefined) return undefined
  const kind = 'kind' in question ? question.kind : 'dialog'
  if (kind === 'predict') return `Enter sends ${mark + 1}, ${choice.label}, and runs the command.`
  if (kind === 'quiz' || kind === 'because') return `Enter sends ${mark + 1}.`
  return `Enter carries out ${mark + 1}: ${choice.label}.`
}

/** `Quiz 2 of 3`. */
export function questionHeading(question: Question | ChoiceQuestion): string {
  if (!('kind' in question)) return question.title
  if (question.kind === 'quiz' || question.kind === 'because') {
    return question.position === '' ? question.title : `${question.title} ${question.position}`
  }
  return question.title
}
