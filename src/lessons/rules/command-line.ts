/** Reads the lines of a lesson's console blocks as far as the rules need it. What runs them is the lab's own command line. */

/** The words of a line as sh splits them; `undefined` where it uses what the lab's command line does not have. */
export function wordsOf(command: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (const char of command) {
    if (quote !== undefined) {
      if (char === quote) quote = undefined
      else if (quote === '"' && (char === '$' || char === '`')) return undefined
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/[|;&<>$`()]/.test(char)) {
      return undefined
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + char
  }
  if (quote !== undefined) return undefined
  return word === undefined ? words : [...words, word]
}

const WITH_VALUE = new Set([
  '-f',
  '--filename',
  '-n',
  '--namespace',
  '-l',
  '--labels',
  '--selector',
  '-o',
  '--output',
  '-c',
  '--container',
  '--image',
  '--port',
  '--restart',
  '--for',
  '--timeout',
  '--env',
  '--target-port',
  '--name',
  '--type',
  '--replicas',
  '--tail',
  '--field-selector',
  '--generator',
])

/** The flags of kubectl's arguments, and the words that are none. */
export function readFlags(words: readonly string[]): {
  readonly plain: readonly string[]
  readonly named: readonly { readonly name: string; readonly value: string | undefined }[]
} {
  const plain: string[] = []
  const named: { name: string; value: string | undefined }[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('-') || word === '-') {
      plain.push(word)
      continue
    }
    const equals = word.indexOf('=')
    if (equals !== -1) named.push({ name: word.slice(0, equals), value: word.slice(equals + 1) })
    else if (/^-[fn]./.test(word)) named.push({ name: word.slice(0, 2), value: word.slice(2) })
    else if (WITH_VALUE.has(word)) named.push({ name: word, value: words[++index] })
    else named.push({ name: word, value: undefined })
  }
  return { plain, named }
}

/** `kubectl run|exec|attach` with a terminal. */
export function opensShell(words: readonly string[]): boolean {
  if (words[0] !== 'kubectl' || !['run', 'exec', 'attach'].includes(words[1] ?? '')) return false
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const has = (short: string, long: string) =>
    own.some(
      (word) =>
        word === long ||
        word === `${long}=true` ||
        (/^-[it]{1,2}$/.test(word) && word.includes(short)),
    )
  return has('i', '--stdin') && has('t', '--tty')
}
