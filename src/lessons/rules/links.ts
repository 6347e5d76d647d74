import type { Nodes } from 'mdast'
import { shownName } from '../lesson-files.ts'
import { staysInside } from '../local-name.ts'
import { pointOf, walk } from '../markdown.ts'
import type { Rule } from './rule.ts'

/** Links go to the web, to a heading, or to a file beside the lesson. */
export const assertLinks: Rule = ({ lesson, files, problems }) => {
  const file = shownName(files, 'lesson.md')
  const blocks = [...lesson.intro, ...lesson.steps.flatMap((step) => step.blocks)]
  const nodes: Nodes[] = [
    ...blocks.flatMap((block) => (block.kind === 'prose' ? [block.node] : [])),
    ...lesson.steps.flatMap((step) => step.hints.flatMap((hint) => hint.blocks)),
  ]
  for (const root of nodes) {
    walk(root, (node) => {
      if (node.type !== 'link' && node.type !== 'definition') return
      const url = node.url
      if (/^https?:\/\//.test(url) || url.startsWith('#')) return
      const name = url.replace(/#.*$/, '')
      if (/^[a-z][a-z0-9+.-]*:/i.test(url) || !staysInside(name)) {
        problems.add(
          pointOf(node, file),
          'link-outside',
          `The link "${url}" leads out of the lesson. Link to https://…, to #heading, or to a file beside lesson.md.`,
        )
      } else if (!files.texts.has(name)) {
        problems.add(
          pointOf(node, file),
          'link-missing',
          `There is no file "${name}" in the lesson's folder. Add it, or correct the link.`,
        )
      }
    })
  }
}
