import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import ts from 'typescript'

/** What the rules look at in one file of src/. Paths are `layer/folder/file.ts`, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly imports: readonly {
    readonly target: string
    readonly typeOnly: boolean
    readonly line: number
  }[]
  /** Packages and `node:` modules. */
  readonly modules: readonly {
    readonly name: string
    readonly typeOnly: boolean
    readonly line: number
  }[]
  /** Contact with the computer: `process.env`, `console.log`, `Date.now()`, `new Date()`, `setTimeout()`. */
  readonly touches: readonly { readonly what: string; readonly line: number }[]
}

/** Every TypeScript file below `folder`. */
export function readSourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(folder, path), 'utf8')))
}

/** Reads imports and global names off one file's syntax tree. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const imports: SourceFile['imports'][number][] = []
  const modules: SourceFile['modules'][number][] = []
  const touches: SourceFile['touches'][number][] = []
  const lineOf = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
  const addImport = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = lineOf(specifier)
    if (!specifier.text.startsWith('.')) modules.push({ name: specifier.text, typeOnly, line })
    else {
      const target = posix.join(dirname(path), specifier.text)
      imports.push({ target, typeOnly, line })
    }
  }
  const own = declaredNames(tree)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      addImport(
        node.moduleSpecifier,
        node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      )
    } else if (ts.isExportDeclaration(node)) addImport(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      addImport(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      addImport(node.arguments[0], false)
    const what = contact(node, own)
    if (what !== undefined) touches.push({ what, line: lineOf(node) })
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return { path, imports, modules, touches }
}

/** Variables and parameters of the file: a `process` of a pod is not the one of Node. */
function declaredNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (
      (ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      names.add(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return names
}

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'])

function contact(node: ts.Node, own: ReadonlySet<string>): string | undefined {
  if (
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    !own.has(node.expression.text)
  ) {
    const owner = node.expression.text
    const name = node.name.text
    if (owner === 'process') return `process.${name}`
    if (owner === 'console' && /^(log|info|warn|error|debug|trace|table|dir)$/.test(name))
      return `console.${name}`
    if (owner === 'Date' && name === 'now') return 'Date.now'
    if (owner === 'performance' && name === 'now') return 'performance.now'
  }
  if (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'Date'
  ) {
    return (node.arguments?.length ?? 0) === 0 ? 'new Date()' : undefined
  }
  if (
    ts.isCallExpression(node) &&
    ts.isIdentifier(node.expression) &&
    TIMERS.has(node.expression.text)
  ) {
    return `${node.expression.text}()`
  }
  return undefined
}
