import type { AppSnapshot, OutcomeView, RunSnapshot } from '../../runner/snapshot.ts'
import type { LastCommand } from '../place/surface-state.ts'

/** Something that can be copied here. */
export interface CopyChoice {
  readonly label: string
  readonly note: string
  readonly text: string
}

/** What can be copied now, in a fixed order: next command, last command with output, reasons, the screen's own text, folder. */
export function copyChoices(snapshot: AppSnapshot, last: LastCommand | undefined): CopyChoice[] {
  if (snapshot.place === 'error') return [errorText(snapshot.error)]
  if (snapshot.place !== 'lesson') return []
  const { run } = snapshot
  const choices: (CopyChoice | undefined)[] = [
    debriefText(run),
    nextCommand(run),
    lastCommand(last),
    run.outcome === undefined ? undefined : reasons(run.outcome),
    { label: 'Folder of your files', note: run.workFolder, text: run.workFolder },
  ]
  return choices.filter((choice) => choice !== undefined)
}

function nextCommand(run: RunSnapshot): CopyChoice | undefined {
  const items = run.blocks.flatMap((block) => (block.kind === 'items' ? block.items : []))
  const next = items.find((item) => item.state === 'next' && item.prompt !== '')
  return next === undefined
    ? undefined
    : { label: 'Next command', note: next.text, text: next.text }
}

function lastCommand(last: LastCommand | undefined): CopyChoice | undefined {
  if (last === undefined) return undefined
  const prompt = last.place === 'lab' ? '$' : '/ #'
  return {
    label: 'Last command with its output',
    note: last.line,
    text: [`${prompt} ${last.line}`, ...last.output].join('\n'),
  }
}

function reasons(outcome: OutcomeView): CopyChoice {
  const evidence = outcome.evidence.map((row) =>
    `${row.label}: ${row.what}: ${row.word} ${row.note}`.trimEnd(),
  )
  const why = outcome.why.map((row) => `${row.side}: ${row.word}. ${row.text}`)
  const text = [
    `${outcome.command} (${outcome.where})`,
    `${outcome.observed} ${outcome.after}, ${outcome.verdict}`,
    ...evidence,
    ...why,
    ...(outcome.rule === undefined ? [] : [outcome.rule]),
  ]
  return { label: 'Reasons of the last outcome', note: outcome.command, text: text.join('\n') }
}

function debriefText(run: RunSnapshot): CopyChoice | undefined {
  const { debrief } = run
  if (debrief === undefined) return undefined
  const text = [
    `# ${debrief.title}`,
    '',
    `${run.score.earned} of ${run.score.total} points, ${debrief.where}, ${debrief.minutes} min`,
    '',
    ...debrief.parts.map((part) => `- ${part.name} ${part.value} ${part.note}`.trimEnd()),
    '',
    ...debrief.shown.map((row) => `- ${row.word}: ${row.text}`),
    ...(debrief.again.length === 0 ? [] : ['', ...debrief.again.map((row) => `- ${row}`)]),
    ...(debrief.idea === undefined ? [] : ['', debrief.idea]),
  ]
  return { label: 'This page as Markdown', note: debrief.title, text: text.join('\n') }
}

function errorText(error: Extract<AppSnapshot, { place: 'error' }>['error']): CopyChoice {
  const facts = error.facts.map((fact) => `${fact.label}: ${fact.text}`)
  return {
    label: 'This message',
    note: error.code,
    text: [`${error.code}: ${error.sentence}`, ...facts, ...error.details].join('\n'),
  }
}
