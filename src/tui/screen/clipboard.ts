/**
 * The bytes that ask a terminal to put text on the clipboard (OSC 52); no terminal says whether it did.
 * tmux passes it on only inside its own wrapping, with every ESC doubled.
 */
export function clipboardSequence(text: string, options: { readonly tmux: boolean }): string {
  const plain = `\x1b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\x07`
  return options.tmux ? `${plain}\x1bPtmux;${plain.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : plain
}
