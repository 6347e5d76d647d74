import type { LessonBlock, LessonStep } from '../../lessons/model.ts'
import type { ItemView, ViewBlock } from '../snapshot.ts'
import { entryDone, nextEntry, type RunState, type StepEntry, stepEntries } from '../state.ts'

/** A step as it is drawn: prose, excerpts, and the items with what is done, next and later. */
export function stepBlocks(state: RunState, step: LessonStep): readonly ViewBlock[] {
  const entries = stepEntries(step)
  const next = nextEntry(state)
  const intro = step.number === 1 ? state.lesson.intro : []
  return [...intro, ...step.blocks].flatMap((block) => viewBlock(state, block, entries, next))
}

/** The prose and excerpts of some blocks, without items: for reading while a cluster is opened. */
export function readingBlocks(blocks: readonly LessonBlock[]): readonly ViewBlock[] {
  return blocks.flatMap((block): readonly ViewBlock[] => {
    if (block.kind === 'prose') return [{ kind: 'prose', node: block.node }]
    if (block.kind === 'excerpt' || block.kind === 'file') return [excerpt(block)]
    return []
  })
}

function viewBlock(
  state: RunState,
  block: LessonBlock,
  entries: readonly StepEntry[],
  next: StepEntry | undefined,
): readonly ViewBlock[] {
  switch (block.kind) {
    case 'prose':
      return [{ kind: 'prose', node: block.node }]
    case 'file':
    case 'excerpt':
      return [excerpt(block)]
    case 'console':
      return [items(state, entries, next, new Set(block.items.map((item) => item.id)))]
    case 'task':
      return [items(state, entries, next, new Set([block.task.id]))]
    case 'quiz':
      return state.asks ? [items(state, entries, next, new Set([block.quiz.id]))] : []
    case 'check':
      return []
  }
}

function excerpt(block: Extract<LessonBlock, { kind: 'file' | 'excerpt' }>): ViewBlock {
  return block.kind === 'file'
    ? { kind: 'excerpt', title: block.name, firstLine: 1, language: 'yaml', text: block.text }
    : {
        kind: 'excerpt',
        title: undefined,
        firstLine: undefined,
        language: block.language,
        text: block.text,
      }
}

function items(
  state: RunState,
  entries: readonly StepEntry[],
  next: StepEntry | undefined,
  ids: ReadonlySet<string>,
): ViewBlock {
  return {
    kind: 'items',
    items: entries
      .filter((entry) => ids.has(entry.id))
      .map((entry) => itemView(state, entry, next)),
  }
}

function itemView(state: RunState, entry: StepEntry, next: StepEntry | undefined): ItemView {
  const running = state.console.busy && state.console.item === entry.id
  const done = entryDone(state, entry)
  return {
    id: entry.id,
    ...itemText(entry),
    state: running ? 'running' : done ? 'done' : entry.id === next?.id ? 'next' : 'then',
  }
}

function itemText(entry: StepEntry): {
  readonly prompt: ItemView['prompt']
  readonly text: string
} {
  switch (entry.kind) {
    case 'console':
      return { prompt: entry.item.place === 'lab' ? 'lab$' : '/ #', text: entry.item.command }
    case 'task':
      return { prompt: '', text: entry.task.text }
    case 'quiz':
      return { prompt: '', text: `Question: ${entry.quiz.question}` }
    case 'checks':
      return { prompt: '', text: 'Checks' }
  }
}
