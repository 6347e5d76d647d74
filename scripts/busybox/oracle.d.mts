/** The first line of `busybox --help`, or undefined where there is no busybox on the PATH. */
export function busyboxVersion(): string | undefined

/** Scripts of a `.scripts` file. A line `%%` begins each; text after it opens a group. */
export function readScripts(
  file: string | URL,
): { readonly group: string; readonly script: string }[]

/** Runs `busybox sh -c SCRIPT` in a new, empty folder, without standard input. */
export function runBusybox(
  script: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }>

/** Usage texts up to the end of their synopsis. */
export function withoutDescriptions(text: string): string
