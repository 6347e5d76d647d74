import { join } from 'node:path'
import { parse } from 'yaml'
import { listFolders, readTextFile } from '../platform/read-folder.ts'
import { folderName } from './lesson-files.ts'

/** A lesson as the list shows it: what its front matter says, with nothing of its body decoded. */
export interface LessonEntry {
  readonly number: number
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly level: string
  readonly minutes: number
  /** Total of the lesson, 0 where the front matter does not say it. */
  readonly points: number
  readonly stepCount: number
  readonly folder: string
}

/** The lessons of a folder in the order of their numbers. Folders without a readable lesson.md are left out; `lesson check` says why. */
export async function loadCatalogue(folder: string): Promise<readonly LessonEntry[]> {
  const names = await listFolders(folder)
  const entries = await Promise.all(names.map((name) => readEntry(join(folder, name))))
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => a.number - b.number || a.id.localeCompare(b.id))
}

async function readEntry(folder: string): Promise<LessonEntry | undefined> {
  const name = folderName(folder)
  const text = name === undefined ? undefined : await readTextFile(join(folder, 'lesson.md'))
  if (name === undefined || text === undefined) return undefined
  const front = frontMatter(text)
  if (front === undefined) return undefined
  return {
    number: name.number,
    id: name.id,
    title: textOf(front, 'title') ?? name.id,
    summary: textOf(front, 'summary') ?? '',
    level: textOf(front, 'level') ?? '',
    minutes: numberOf(front, 'minutes'),
    points: numberOf(front, 'points'),
    stepCount: countSteps(text),
    folder,
  }
}

function frontMatter(text: string): object | undefined {
  const match = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\r?(?:\n|$)/.exec(text)
  if (match === null) return undefined
  try {
    const value: unknown = parse(match[1] ?? '', { prettyErrors: false, logLevel: 'error' })
    return value !== null && typeof value === 'object' ? value : undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'YAMLParseError') return undefined
    throw error
  }
}

function textOf(front: object, field: string): string | undefined {
  const value: unknown = Reflect.get(front, field)
  return typeof value === 'string' ? value : undefined
}

function numberOf(front: object, field: string): number {
  const value: unknown = Reflect.get(front, field)
  return typeof value === 'number' ? value : 0
}

/** `## ` headings outside of fenced blocks. */
function countSteps(text: string): number {
  let fence: string | undefined
  let count = 0
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined) {
      if (mark !== undefined) fence = mark
      else if (/^## +\S/.test(line)) count++
    } else if (mark?.startsWith(fence)) fence = undefined
  }
  return count
}
