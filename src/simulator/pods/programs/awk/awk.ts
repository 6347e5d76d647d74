import { FileError } from '../../files/file-node.ts'
import { pathOf } from '../../process/program-context.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from '../busybox-program.ts'
import { Interpreter } from './interpreter.ts'
import { parseAwk } from './parser.ts'
import { type AwkProgram, AwkSyntaxError } from './syntax.ts'
import { withEscapes } from './tokens.ts'

/** awk: rules over records. */
export const awk = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+F:v:f:e:')
  const operands = [...options.operands]
  const sources = options.values('f').map((file) => {
    try {
      return context.container.files.readText(pathOf(context, file))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      throw new ProgramError(`can't open '${file}': ${error.message}`)
    }
  })
  sources.push(...options.values('e'))
  if (sources.length === 0) {
    const source = operands.shift()
    if (source === undefined) throw new UsageError('')
    sources.push(source)
  }
  let program: AwkProgram
  try {
    program = parseAwk(sources.join('\n'))
  } catch (error) {
    if (!(error instanceof AwkSyntaxError)) throw error
    throw new ProgramError(`cmd. line:${error.line}: ${error.message}`)
  }
  const interpreter = new Interpreter(context, program, operands)
  const separator = options.value('F')
  if (separator !== undefined)
    interpreter.set('FS', withEscapes(separator === 't' ? '\t' : separator))
  for (const assignment of options.values('v')) {
    const at = assignment.indexOf('=')
    if (at <= 0) throw new UsageError('')
    interpreter.set(assignment.slice(0, at), { text: withEscapes(assignment.slice(at + 1)) })
  }
  return interpreter.run()
})
