/**
 * The folder of the learner's files, and the only files that the lab's command line can read or write.
 * Names are relative and use `/`. A name that leads out of the folder, through a symbolic link too, is refused with
 * `LabError` `ERR_FILE_OUTSIDE`.
 */
export interface WorkFolder {
  /** Where it is, for messages only. */
  readonly path: string
  /** Text of a file, or `undefined` where there is no such file. A folder gives `undefined`. */
  read(name: string): Promise<string | undefined>
  /** Writes a file, making its folders. */
  write(name: string, text: string): Promise<void>
  /** Entries of a folder in order of name, or `undefined` where there is no such folder. `.` is the folder itself. */
  list(name: string): Promise<readonly WorkFolderEntry[] | undefined>
}

export interface WorkFolderEntry {
  readonly name: string
  readonly kind: 'file' | 'folder'
}
