/**
 * Lessons that were read and judged when the program was built, as JSON by the digest of their files: reading one takes a quarter of
 * a second. The build fills the table (scripts/build/built-lessons.mjs); where the sources run, it is empty and every lesson is read.
 */
export const BUILT_LESSONS: Readonly<Record<string, string>> = {}
