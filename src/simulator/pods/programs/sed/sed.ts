import type { ProgramContext } from '../../process/program.ts'
import { pathOf } from '../../process/program-context.ts'
import { busyboxProgram, parseOptions, UsageError } from '../busybox-program.ts'
import { inputs, linesOf } from '../lines.ts'
import { Editor } from './editor.ts'
import { parseSed } from './script.ts'

/** sed: every command of POSIX but `l`, which BusyBox lacks, -n -e -f -i -r, and BusyBox' words for what is wrong. */
export const sed = busyboxProgram(async (context, args) => {
  const options = parseOptions(
    args.map((arg) =>
      /^-i.+$/.test(arg) && !/^-i[nrEs]*$/.test(arg) ? `--in-place=${arg.slice(2)}` : arg,
    ),
    context.gnu === true ? 'nrEe:f:isI:' : 'nrEe:f:iI:',
    {
      'in-place': 'I',
      expression: 'e',
      quiet: 'n',
      silent: 'n',
      'regexp-extended': 'r',
      file: 'f',
    },
  )
  const operands = [...options.operands]
  const scripts = [...options.values('e')]
  for (const file of options.values('f'))
    scripts.push(context.container.files.readText(pathOf(context, file)).replace(/\n$/, ''))
  if (scripts.length === 0) {
    const script = operands.shift()
    if (script === undefined) throw new UsageError('')
    scripts.push(script)
  }
  const gnu = context.gnu === true
  const extended = options.has('r') || options.has('E')
  const commands = parseSed(scripts.join('\n'), { extended, gnu })
  const inPlace = options.has('i') || options.has('I')
  const editor = new Editor(context, commands, options.has('n'))
  let status = 0
  const missing = () => {
    status = 1
  }
  for (const [path] of editor.outputs) context.container.files.write(path, '')
  if (!inPlace && !options.has('s')) {
    const quit = await editor.edit(allLines(context, operands, missing), (text) =>
      context.stdout.write(text),
    )
    return quit ?? status
  }
  for (const name of operands.length === 0 ? ['-'] : operands) {
    let out = ''
    let opened = true
    const lines = allLines(context, [name], () => {
      opened = false
      missing()
    })
    const quit = await editor.edit(lines, async (text) => {
      if (inPlace) out += text
      else await context.stdout.write(text)
    })
    if (inPlace && name !== '-' && opened) {
      const path = pathOf(context, name)
      const suffix = options.value('I')
      if (suffix !== undefined && suffix !== '')
        context.container.files.write(path + suffix, context.container.files.read(path))
      context.container.files.write(path, out)
      editor.restart()
    }
    if (quit !== undefined) return quit
  }
  return status
})

async function* allLines(
  context: ProgramContext,
  operands: readonly string[],
  missing: () => void,
): AsyncGenerator<string> {
  for await (const source of inputs(context, operands, missing)) yield* linesOf(source.input)
}
