import { absolutePath } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { busyboxProgram } from './busybox-program.ts'

/** tree: folders with what is in them, hidden names left out. */
export const tree = busyboxProgram(async (context, args) => {
  const counts = { directories: 0, files: 0 }
  for (const name of args.length === 0 ? ['.'] : args)
    await show(context, name, pathOf(context, name), '', counts)
  await context.stdout.write(`\n${counts.directories} directories, ${counts.files} files\n`)
  return 0
})

async function show(
  context: ProgramContext,
  name: string,
  path: string,
  indent: string,
  counts: { directories: number; files: number },
): Promise<void> {
  const { files } = context.container
  if (files.stat(path)?.kind !== 'directory') {
    await context.stdout.write(`${name} [error opening dir]\n`)
    return
  }
  await context.stdout.write(`${name}\n`)
  const entries = files.list(path)
  for (const [index, entry] of entries.entries()) {
    if (entry.startsWith('.')) continue
    const last = index === entries.length - 1
    await context.stdout.write(indent + (last ? '└── ' : '├── '))
    const inside = absolutePath(path, entry)
    const stat = files.lstat(inside)
    if (stat?.kind === 'directory') {
      await show(context, entry, inside, indent + (last ? '    ' : '│   '), counts)
      counts.directories++
      continue
    }
    await context.stdout.write(
      stat?.kind === 'link' ? `${entry} -> ${stat.target}\n` : `${entry}\n`,
    )
    counts.files++
  }
}
