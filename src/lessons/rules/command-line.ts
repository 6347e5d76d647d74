/** Reads the lines of a lesson's console blocks as far as the rules need it. What runs them is the lab's own command line. */

/** The words of a line as sh splits them; `undefined` where it uses what the lab's command line does not have. */
export function wordsOf(command: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (const char of command) {
    if (quote !== undefined) {
      if (char === quote) quote = undefined
      else if (quote === '"' && /[$`\\]/.test(char)) return undefined
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/[|;&<>$`()\\]/.test(char)) {
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
  '-s',
  '--server',
])

/** A flag by its name with the dashes, and its value where it has one. */
export interface GivenFlag {
  readonly name: string
  readonly value: string | undefined
}

/** The flags of kubectl's arguments, and the words that are none. Letters may be joined as in `-it` or `-nweb`. */
export function readFlags(words: readonly string[]): {
  readonly plain: readonly string[]
  readonly named: readonly GivenFlag[]
} {
  const plain: string[] = []
  const named: GivenFlag[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const equals = word.indexOf('=')
    if (!word.startsWith('-') || word === '-') plain.push(word)
    else if (!word.startsWith('--')) {
      const { letters, value } = lettersOf(word)
      const last = letters.at(-1)
      const takesNext = value === undefined && last !== undefined && WITH_VALUE.has(last)
      for (const name of letters) named.push({ name, value: undefined })
      if (last !== undefined)
        named.splice(-1, 1, { name: last, value: takesNext ? words[++index] : value })
    } else if (equals !== -1)
      named.push({ name: word.slice(0, equals), value: word.slice(equals + 1) })
    else if (WITH_VALUE.has(word)) named.push({ name: word, value: words[++index] })
    else named.push({ name: word, value: undefined })
  }
  return { plain, named }
}

/** `-itnweb` is `-i`, `-t` and `-n` with the value `web`, as pflag reads it. */
function lettersOf(word: string): {
  readonly letters: readonly string[]
  readonly value: string | undefined
} {
  const letters: string[] = []
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`
    letters.push(name)
    const rest = word.slice(at + 1)
    if (rest.startsWith('=')) return { letters, value: rest.slice(1) }
    if (WITH_VALUE.has(name) && rest !== '') return { letters, value: rest }
  }
  return { letters, value: undefined }
}

/** `kubectl run|exec|attach` with a terminal. */
export function opensShell(words: readonly string[]): boolean {
  if (words[0] !== 'kubectl' || !['run', 'exec', 'attach'].includes(words[1] ?? '')) return false
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const on = readFlags(own)
    .named.filter(({ value }) => value === undefined || value === 'true')
    .map(({ name }) => name)
  return (
    (on.includes('-i') || on.includes('--stdin')) && (on.includes('-t') || on.includes('--tty'))
  )
}
