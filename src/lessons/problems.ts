import type { LessonProblem, SourcePoint } from './model.ts'

/** `file:line:column  rule  message`, as editors and terminals can jump to it. */
export function formatProblem(problem: LessonProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}  ${problem.rule}  ${problem.message}`
}

/** Collects what is wrong with one lesson, so that an author sees everything in one go. */
export class Problems {
  private readonly found: LessonProblem[] = []

  add(at: SourcePoint, rule: string, message: string): void {
    const { file, line, column } = at
    const known = this.found.some(
      (p) =>
        p.file === file &&
        p.line === line &&
        p.column === column &&
        p.rule === rule &&
        p.message === message,
    )
    if (!known) this.found.push({ file, line, column, rule, message })
  }

  get any(): boolean {
    return this.found.length > 0
  }

  /** In the order of the files, `lesson.md` first. */
  list(): readonly LessonProblem[] {
    const rank = (file: string) => (file.endsWith('lesson.md') ? 0 : 1)
    return [...this.found].sort(
      (a, b) =>
        rank(a.file) - rank(b.file) ||
        a.file.localeCompare(b.file) ||
        a.line - b.line ||
        a.column - b.column,
    )
  }
}
