import type { ProgramContext } from '../process/program.ts'

/** What an image's programs are linked to; its resolver and its words for errors differ. */
export type CLibrary = 'musl' | 'glibc'

/** The loader of musl, which Alpine's images have and Debian's and the plain busybox image do not. */
export const MUSL_LOADER = '/lib/ld-musl-x86_64.so.1'

export function cLibraryOf({ container }: Pick<ProgramContext, 'container'>): CLibrary {
  return container.files.stat(MUSL_LOADER) === undefined ? 'glibc' : 'musl'
}

/** gai_strerror for a name that could not be resolved. */
export function lookupErrorText(
  context: Pick<ProgramContext, 'container'>,
  kind: 'no-such-name' | 'unreachable',
): string {
  if (cLibraryOf(context) === 'musl') {
    return kind === 'unreachable' ? 'Try again' : 'Name does not resolve'
  }
  return kind === 'unreachable'
    ? 'Temporary failure in name resolution'
    : 'Name or service not known'
}

/** strerror for why a connection failed. */
export function connectErrorText(
  context: Pick<ProgramContext, 'container'>,
  kind: 'refused' | 'unreachable' | 'timed-out' | 'gave-up',
): string {
  const musl = cLibraryOf(context) === 'musl'
  switch (kind) {
    case 'refused':
      return 'Connection refused'
    case 'unreachable':
      return musl ? 'Network unreachable' : 'Network is unreachable'
    default:
      return musl ? 'Operation timed out' : 'Connection timed out'
  }
}
