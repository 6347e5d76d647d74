import { distance } from 'fastest-levenshtein'
import { staysInside } from '../local-name.ts'
import type { SourcePoint } from '../model.ts'
import { opensShell, readFlags, wordsOf } from './command-line.ts'
import type { Rule, RuleContext } from './rule.ts'

/** Programs of the lab's command line that a lesson may use. */
const PROGRAMS = ['kubectl', 'cat', 'ls', 'compare', 'explain', 'matrix', 'help']

const READING = ['get', 'describe', 'logs', 'wait', 'version', 'api-resources', 'explain']
const CHANGING = [
  'run',
  'expose',
  'apply',
  'create',
  'delete',
  'exec',
  'attach',
  'label',
  'annotate',
  'scale',
]

/** Flags that would take a command out of the lab's cluster or give a pod power over its node. */
const REFUSED_FLAGS = [
  '--kubeconfig',
  '--context',
  '--cluster',
  '--server',
  '-s',
  '--token',
  '--user',
  '--as',
  '--as-group',
  '--client-key',
  '--client-certificate',
  '--certificate-authority',
  '--insecure-skip-tls-verify',
  '--privileged',
  '--overrides',
  '--override-type',
]

/** Console lines use the lab's command line, stay in the lesson's folder and namespaces, and pod lines have a pod's shell. */
export const assertCommands: Rule = (context) => {
  const { lesson, places, problems } = context
  let session = false
  for (const step of lesson.steps) {
    for (const block of step.blocks) {
      if (block.kind !== 'console') continue
      for (const item of block.items) {
        if (item.place === 'pod') {
          if (!session)
            problems.add(
              item.at,
              'pod-line',
              'No shell of a pod is open here. Open one before with "$ kubectl run … -it … -- ash" or "$ kubectl exec -it …".',
            )
          if (item.command === 'exit') session = false
        } else {
          assertLine(item.command, item.at, context)
          if (opensShell(wordsOf(item.command) ?? [])) session = true
        }
      }
    }
    for (const [index, command] of (step.solution?.commands ?? []).entries()) {
      assertLine(
        command,
        step.solution === undefined
          ? step.at
          : places.of(step.solution, ['commands', index], step.at),
        context,
      )
    }
  }
}

function assertLine(command: string, at: SourcePoint, context: RuleContext): void {
  const { problems } = context
  const words = wordsOf(command)
  if (words === undefined) {
    problems.add(
      at,
      'console-command',
      'The lab has one command a line: no pipes, redirects, variables or ";". Split it, or put the text in single quotes.',
    )
    return
  }
  const [program = ''] = words
  if (!PROGRAMS.includes(program)) {
    const near = PROGRAMS.find((known) => distance(known, program) <= 2)
    problems.add(
      at,
      'console-command',
      `"${program}" is no command of the lab.${near === undefined ? ` Use ${PROGRAMS.join(', ')}; programs of a pod go on a line "/ # ".` : ` Write "${near}".`}`,
    )
    return
  }
  if (program === 'kubectl') assertKubectl(words.slice(1), at, context)
  else if (program !== 'help' && program !== 'explain' && program !== 'matrix') {
    for (const name of words.slice(1)) if (!name.startsWith('-')) assertPath(name, at, context)
  }
}

function assertKubectl(words: readonly string[], at: SourcePoint, context: RuleContext): void {
  const { lesson, problems } = context
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const flags = readFlags(own)
  const verb = flags.plain[0] ?? ''
  const known = [...READING, ...CHANGING]
  if (!known.includes(verb)) {
    const near = known.find((one) => distance(one, verb) <= 2)
    problems.add(
      at,
      'console-command',
      `A lesson does not use "kubectl ${verb}". ${near === undefined ? `Known are ${known.join(', ')}.` : `Write "kubectl ${near}".`}`,
    )
    return
  }
  for (const { name } of flags.named) {
    if (REFUSED_FLAGS.includes(name))
      problems.add(
        at,
        'console-flag',
        `A lesson does not use ${name}: it speaks to the lab's cluster, as the learner does. Take it out.`,
      )
  }
  for (const { name, value } of flags.named) {
    if (name === '-f' || name === '--filename') assertPath(value ?? '', at, context)
    if (name === '--image' && value !== undefined && !lesson.needs.images.includes(value)) {
      problems.add(
        at,
        'image-unlisted',
        `The image ${value} is not under "needs". Add it there, so that it is loaded before the lesson starts.`,
      )
    }
  }
  if (READING.includes(verb)) return
  for (const type of typesOf(verb, flags.plain)) {
    if (!TYPES.includes(type)) {
      problems.add(
        at,
        'console-kind',
        `A lesson does not change objects of type "${type}". It may change pods, services, deployments, configmaps, networkpolicies and namespaces of its own.`,
      )
    }
  }
  const everywhere = flags.named.some(({ name }) => name === '-A' || name === '--all-namespaces')
  if (everywhere)
    problems.add(
      at,
      'console-namespace',
      `"kubectl ${verb}" in all namespaces would touch what is not the lesson's. Name one with -n.`,
    )
  for (const namespace of [
    ...flags.named
      .filter(({ name }) => name === '-n' || name === '--namespace')
      .map(({ value }) => value ?? ''),
    ...namedNamespaces(flags.plain),
  ]) {
    if (/^kube-/.test(namespace) || !lesson.needs.namespaces.includes(namespace)) {
      problems.add(
        at,
        'console-namespace',
        `The namespace ${namespace} is not the lesson's. Use one that stands under "needs".`,
      )
    }
  }
}

/** Types that a lesson's commands may change, by every name that kubectl knows them by. */
const TYPES = [
  ...['pod', 'pods', 'po', 'service', 'services', 'svc', 'deployment', 'deployments', 'deploy'],
  ...['replicaset', 'replicasets', 'rs', 'configmap', 'configmaps', 'cm', 'all'],
  ...['networkpolicy', 'networkpolicies', 'netpol', 'namespace', 'namespaces', 'ns'],
]

/** The types of the objects that a command changes: `delete pod,service web`, `label ns/watch a=b`, `create namespace x`. */
function typesOf(verb: string, [, ...plain]: readonly string[]): readonly string[] {
  if (['run', 'exec', 'attach', 'apply'].includes(verb)) return []
  const slashed = plain.filter((word) => /^[a-z.]+\/[^/]+$/.test(word))
  const words =
    slashed.length > 0 ? slashed.map((word) => word.replace(/\/.*$/, '')) : plain.slice(0, 1)
  return words.flatMap((word) => word.split(',')).map((word) => word.replace(/\..*$/, ''))
}

/** Namespaces that a command names as objects: `delete namespace watch`, `label ns/watch …`. */
function namedNamespaces([, ...plain]: readonly string[]): readonly string[] {
  const isType = (word: string) => ['namespace', 'namespaces', 'ns'].includes(word)
  if (isType(plain[0] ?? '')) return plain.slice(1).filter((word) => !/[=]|-$/.test(word))
  return plain.flatMap((word) => {
    const [type = '', name = ''] = word.split('/')
    return word.includes('/') && isType(type) ? [name] : []
  })
}

function assertPath(name: string, at: SourcePoint, { problems }: RuleContext): void {
  if (name === '.' || (!/^[a-z]+:/i.test(name) && staysInside(name))) return
  problems.add(
    at,
    'file-outside',
    `"${name}" is not in the learner's folder. Name a file of the lesson, without folders above it.`,
  )
}
