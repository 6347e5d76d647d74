import { createContext, Script } from 'node:vm'
import { ProgramError } from './busybox-program.ts'

/** How long one search may take, in milliseconds of the computer: all of the lab waits for it. */
const MOST_MS = 50

/** Steps that no search can do without, where it is sure to be quick. */
const FEW_STEPS = 1_000_000

/**
 * A regular expression of a program in a pod. JavaScript's matcher goes back and forth without end where one like `(a+)+$` does not
 * match, and cannot be asked to stop. A search that might last is run where it can be ended, and then ends its program.
 */
export class BoundedRegExp extends RegExp {
  private loops: number | undefined

  override exec(text: string): RegExpExecArray | null {
    this.loops ??= loopsOf(this.source)
    // Each loop can multiply the steps by the length, from each place where a match may begin.
    if (this.loops === 0 || text.length ** (this.loops + 1) <= FEW_STEPS) return super.exec(text)
    return execWithin(this, text)
  }
}

/** How many loops of an expression can be about the same characters; one inside another, or a back-reference, is worth any number. */
function loopsOf(source: string): number {
  const plain = source.replace(/\\[^1-9]|\[(?:\\.|[^\]\\])*\]/g, 'x')
  if (/\)(?:[*+]|\{\d*,)|\\[1-9]/.test(plain)) return 20
  return plain.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0
}

let search:
  | {
      readonly context: { expression: RegExp | undefined; text: string | undefined }
      script: Script
    }
  | undefined

function execWithin(expression: RegExp, text: string): RegExpExecArray | null {
  search ??= {
    context: Object.assign(createContext({}), { expression: undefined, text: undefined }),
    script: new Script('RegExp.prototype.exec.call(expression, text)'),
  }
  const { context, script } = search
  context.expression = expression
  context.text = text
  try {
    return script.runInContext(context, { timeout: MOST_MS })
  } catch (error) {
    // It may be an error of the other context.
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
    if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new ProgramError(
      `the simulated program gave up on '${expression.source}': matching takes too long. A pattern without a loop inside a loop is quick`,
      2,
    )
  } finally {
    context.expression = undefined
    context.text = undefined
  }
}
