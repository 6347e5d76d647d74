/** The tree of an awk program (POSIX awk). */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'field'; readonly index: Expression }
  | { readonly kind: 'element'; readonly name: string; readonly keys: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'assign'
      readonly operator: string
      readonly target: Expression
      readonly value: Expression
    }
  | {
      readonly kind: 'step'
      readonly prefix: boolean
      readonly by: number
      readonly target: Expression
    }
  | {
      readonly kind: 'ternary'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression
    }
  | { readonly kind: 'in'; readonly keys: readonly Expression[]; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'getline'
      readonly target: Expression | undefined
      readonly from: 'input' | 'file' | 'command'
      readonly source: Expression | undefined
    }
  | { readonly kind: 'group'; readonly inner: Expression }

export type Statement =
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'expression'; readonly value: Expression }
  | {
      readonly kind: 'print'
      readonly formatted: boolean
      readonly args: readonly Expression[]
      readonly to: '>' | '>>' | '|' | undefined
      readonly target: Expression | undefined
    }
  | {
      readonly kind: 'if'
      readonly test: Expression
      readonly yes: Statement
      readonly no: Statement | undefined
    }
  | {
      readonly kind: 'while'
      readonly test: Expression
      readonly body: Statement
      readonly after: boolean
    }
  | {
      readonly kind: 'for'
      readonly first: Statement | undefined
      readonly test: Expression | undefined
      readonly next: Statement | undefined
      readonly body: Statement
    }
  | {
      readonly kind: 'for-in'
      readonly variable: string
      readonly array: string
      readonly body: Statement
    }
  | { readonly kind: 'leave'; readonly how: 'next' | 'nextfile' | 'break' | 'continue' }
  | { readonly kind: 'exit'; readonly value: Expression | undefined }
  | { readonly kind: 'return'; readonly value: Expression | undefined }
  | {
      readonly kind: 'delete'
      readonly name: string
      readonly keys: readonly Expression[] | undefined
    }

export interface Rule {
  readonly kind: 'begin' | 'end' | 'main'
  readonly from: Expression | undefined
  readonly to: Expression | undefined
  /** Absent: the record is printed. */
  readonly body: Statement | undefined
}

export interface AwkProgram {
  readonly rules: readonly Rule[]
  readonly functions: ReadonlyMap<
    string,
    { readonly parameters: readonly string[]; readonly body: Statement }
  >
}

/** A program that is not awk. */
export class AwkSyntaxError extends Error {
  override readonly name = 'AwkSyntaxError'
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}
