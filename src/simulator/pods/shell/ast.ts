/** The tree of a shell script (POSIX Shell Command Language, and the few ash extensions in use). */
export type WordPart =
  | {
      readonly kind: 'text'
      readonly text: string
      readonly quoted: boolean
      /** Quoted by a backslash of its own, inside a pattern between double quotes. */
      readonly escaped?: boolean
    }
  | {
      readonly kind: 'tilde'
      /** `~user`; empty for one's own. */
      readonly user: string
    }
  | {
      readonly kind: 'parameter'
      readonly name: string
      /** `${#name}` */
      readonly length: boolean
      readonly operator?: ParameterOperator | undefined
      readonly operand?: Word | undefined
      /** Of `${name/pattern/replacement}` and `${name:offset:length}`. */
      readonly second?: Word | undefined
      readonly quoted: boolean
    }
  | { readonly kind: 'command'; readonly body: List; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly expression: Word; readonly quoted: boolean }

export type ParameterOperator =
  | '-'
  | ':-'
  | '='
  | ':='
  | '?'
  | ':?'
  | '+'
  | ':+'
  | '#'
  | '##'
  | '%'
  | '%%'
  | '/'
  | '//'
  | ':'

export interface Word {
  readonly parts: readonly WordPart[]
  /** An argument of `export`, `readonly`, `local` or `alias` that assigns: it is not split. */
  readonly assignment?: boolean
}

export interface Redirect {
  /** Absent: 0 for reading, 1 for writing. */
  readonly fd: number | undefined
  readonly operator: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '<<'
  /** File name, number of a descriptor, or the text of a here-document. */
  readonly target: Word
}

export type Command =
  | {
      readonly kind: 'simple'
      readonly assignments: readonly { readonly name: string; readonly value: Word }[]
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
      readonly line: number
    }
  | { readonly kind: 'group'; readonly body: List; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'subshell'; readonly body: List; readonly redirects: readonly Redirect[] }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly condition: List; readonly body: List }[]
      readonly otherwise: List | undefined
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'for'
      readonly name: string
      /** Absent: over the positional parameters. */
      readonly words: readonly Word[] | undefined
      readonly body: List
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'while'
      readonly until: boolean
      readonly condition: List
      readonly body: List
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'case'
      readonly word: Word
      readonly items: readonly { readonly patterns: readonly Word[]; readonly body: List }[]
      readonly redirects: readonly Redirect[]
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command }

export interface Pipeline {
  readonly negated: boolean
  readonly commands: readonly Command[]
}

export interface AndOr {
  readonly first: Pipeline
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly pipeline: Pipeline }[]
  readonly background: boolean
  /** As typed, for the list of jobs. */
  readonly text: string
}

export interface List {
  readonly items: readonly AndOr[]
}
