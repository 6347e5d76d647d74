import { ALL_NAMESPACES_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { record, text } from '../values.ts'

/** `kubectl auth can-i VERB TYPE`: asks the server for a SelfSubjectAccessReview. */
export const canICommand: KubectlCommand = {
  name: 'auth can-i',
  summary: 'Check whether an action is allowed',
  usage: 'kubectl auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  words: 'none',
  flags: [
    ALL_NAMESPACES_FLAG,
    { name: 'list', type: 'bool', refused: 'Ask for one verb and kind at a time.' },
    { name: 'no-headers', type: 'bool' },
    { name: 'quiet', short: 'q', type: 'bool' },
    { name: 'subresource', type: 'string' },
  ],
  run: runCanI,
}

async function runCanI(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const [verb, what] = positionals
  if (verb === undefined || what === undefined || positionals.length > 2) {
    throw new KubectlError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    )
  }
  const namespace = flags.bool('all-namespaces') ? '' : context.namespace
  const spec = what.startsWith('/')
    ? { nonResourceAttributes: { verb, path: what } }
    : {
        resourceAttributes: await attributesOf(
          context,
          verb,
          what,
          namespace,
          flags.string('subresource'),
        ),
      }
  const answer = await context.client.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
    signal: context.signal,
  })
  const status = record(record(answer.body).status)
  if (answer.status >= 400) {
    throw new KubectlError(text(record(answer.body).message) || 'the server did not answer')
  }
  const allowed = status.allowed === true
  const reason = text(status.reason)
  if (!flags.bool('quiet')) {
    // Why something is allowed is not said.
    context.out(allowed ? 'yes\n' : `no${reason === '' ? '' : ` - ${reason}`}\n`)
  }
  return allowed ? 0 : 1
}

async function attributesOf(
  context: KubectlContext,
  verb: string,
  what: string,
  namespace: string,
  subresource: string,
): Promise<Record<string, string>> {
  const [typed = '', name = ''] = what.split('/')
  const kind = typed === '*' ? undefined : await known(context, typed)
  if (kind !== undefined && !kind.namespaced) {
    context.err(
      `Warning: resource '${kind.plural}' is not namespace scoped${kind.group === '' ? '' : ` in group '${kind.group}'`}\n\n`,
    )
  }
  if (kind === undefined && typed !== '*') {
    context.err(`Warning: the server doesn't have a resource type '${typed}'\n\n`)
  }
  return {
    verb,
    namespace: kind !== undefined && !kind.namespaced ? '' : namespace,
    group: kind?.group ?? '',
    resource: kind?.plural ?? typed,
    ...(subresource === '' ? {} : { subresource }),
    ...(name === '' ? {} : { name }),
  }
}

async function known(
  context: KubectlContext,
  typed: string,
): Promise<Awaited<ReturnType<KubectlContext['kinds']['typed']>> | undefined> {
  try {
    return await context.kinds.typed(typed)
  } catch (error) {
    if (error instanceof KubectlError) return undefined
    throw error
  }
}
