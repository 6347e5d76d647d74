/** Whether a name can only mean something inside the folder it is used in: no `..`, no absolute path, no drive, no `~`. */
export function staysInside(name: string): boolean {
  if (name === '' || /[\0\\:]/.test(name) || name.startsWith('/') || name.startsWith('~'))
    return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/** Whether a file of the work folder may have this name: one part, nothing hidden, a YAML file. */
export function isWorkFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.ya?ml$/.test(name)
}
