/**
 * Replaces `$(NAME)` by the variable's value; a name without one stays as it is, and `$$` is one `$`. Models
 * third_party/forked/golang/expansion.
 */
export function expandReferences(
  text: string,
  value: (name: string) => string | undefined,
): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (value(name) ?? whole),
  )
}
