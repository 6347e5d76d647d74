/** A lesson's folder as text: what the parser works on. It never reads anything else. */
export interface LessonFiles {
  /** The folder as messages name it, `lessons/08-deny-egress`; its last part has to be `<nn>-<id>`. */
  readonly folder: string
  /** Text by name relative to the folder, with `/` between the parts: `lesson.md`, `solution/allow.yaml`. */
  readonly texts: ReadonlyMap<string, string>
}

/** The number and the id in a folder's name, `08-deny-egress`; `undefined` where it is not a lesson's name. */
export function folderName(
  folder: string,
): { readonly number: number; readonly id: string } | undefined {
  const last =
    folder
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? ''
  const match = /^(\d{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(last)
  return match === null ? undefined : { number: Number(match[1]), id: match[2] ?? '' }
}

/** The name of a file of the lesson as a problem shows it. */
export function shownName(files: LessonFiles, name: string): string {
  const folder = files.folder.replaceAll('\\', '/').replace(/\/+$/, '')
  return folder === '' ? name : `${folder}/${name}`
}
