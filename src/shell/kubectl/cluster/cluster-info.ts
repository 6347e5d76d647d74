import type { KubectlCommand } from '../context.ts'
import { record, records, text } from '../values.ts'

/** `kubectl cluster-info`. */
export const clusterInfoCommand: KubectlCommand = {
  name: 'cluster-info',
  summary: 'Display cluster information',
  usage: 'kubectl cluster-info [flags]',
  words: 'none',
  flags: [],
  async run(context) {
    const { server } = context.client
    const colour = (code: string) => (shown: string) =>
      context.streams.terminal === undefined ? shown : `\x1b[0;${code}m${shown}\x1b[0m`
    const green = colour('32')
    const yellow = colour('33')
    const list = await context.client.list(
      { apiVersion: 'v1', plural: 'services', namespace: 'kube-system' },
      { labelSelector: 'kubernetes.io/cluster-service=true', signal: context.signal },
    )
    context.out(`${green('Kubernetes control plane')} is running at ${yellow(server)}\n`)
    for (const service of list.items) {
      const { name, namespace = '', labels } = service.metadata
      const port = text(records(record(service.spec).ports)[0]?.name)
      const path = `/api/v1/namespaces/${namespace}/services/${name}${port === '' ? '' : `:${port}`}/proxy`
      const shown = labels?.['kubernetes.io/name'] ?? name
      context.out(`${green(shown)} is running at ${yellow(server + path)}\n`)
    }
    context.out(
      "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n",
    )
    return 0
  },
}
