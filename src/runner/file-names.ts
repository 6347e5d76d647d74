import type { Lesson } from '../lessons/model.ts'
import type { LessonFiles } from './ports.ts'

/** The files of the work folder that steps bring or ask for, each once. */
export function lessonFileNames(steps: Lesson['steps']): readonly string[] {
  const names = steps.flatMap((step) =>
    step.blocks.flatMap((block) =>
      block.kind === 'file'
        ? [block.name]
        : block.kind === 'task' && block.task.file !== undefined
          ? [block.task.file]
          : [],
    ),
  )
  return [...new Set(names)]
}

/** `name.1.yaml`, or the first such number that is free; the name itself while nothing has it. */
export async function freeName(files: LessonFiles, name: string): Promise<string> {
  if ((await files.read(name)) === undefined) return name
  const at = name.lastIndexOf('.')
  const [stem, ending] = at <= 0 ? [name, ''] : [name.slice(0, at), name.slice(at)]
  for (let number = 1; ; number++) {
    const candidate = `${stem}.${number}${ending}`
    if ((await files.read(candidate)) === undefined) return candidate
  }
}

/** A name for pasted text: that of the object in it, where it is a manifest. */
export function pastedName(text: string): string {
  const name = /^metadata:\s*\n(?:\s+.*\n)*?\s+name:\s*([a-z0-9][-a-z0-9.]*)/m.exec(text)?.[1]
  return name === undefined ? 'pasted.txt' : `${name}.yaml`
}
