import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What the lab takes from the environment. Nothing else reads `process.env`. */
export interface Environment {
  readonly platform: NodeJS.Platform
  readonly homeFolder: string
  /** Runs in a CI system: `CI` is set, and not to `false` or `0`. */
  readonly isCI: boolean
  /** `NO_COLOR` is set to anything but the empty string (no-color.org). */
  readonly noColor: boolean
  /** `TERM`. */
  readonly term: string | undefined
  /** The character set that the locale asks for can show more than ASCII. */
  readonly utf8: boolean
  /** Kubeconfig files as kubectl looks for them: `KUBECONFIG`, a list, else `~/.kube/config`. */
  readonly kubeconfigPaths: readonly string[]
  readonly lab: {
    /** `NETPOL_LAB_HOME`: moves every file of the lab. */
    readonly home: string | undefined
    /** `NETPOL_LAB_CLUSTER`: the kind of cluster to use without asking. */
    readonly cluster: string | undefined
    /** `NETPOL_LAB_DISPLAY`: `full` or `linear`. */
    readonly display: string | undefined
    /** `NETPOL_LAB_ASCII`. */
    readonly ascii: boolean
    /** `NETPOL_LAB_KIND_IMAGE`: the node image for kind. */
    readonly kindImage: string | undefined
  }
  /** Everything, for programs that the lab starts. */
  readonly variables: Readonly<Record<string, string>>
}

export function readEnvironment(): Environment {
  return parseEnvironment(process.env, { platform: process.platform, homeFolder: homedir() })
}

export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  host: { readonly platform: NodeJS.Platform; readonly homeFolder: string },
): Environment {
  const text = (name: string) => variables[name] || undefined
  const flag = (name: string) => !['', '0', 'false'].includes(variables[name] ?? '')
  const locale = text('LC_ALL') ?? text('LC_CTYPE') ?? text('LANG')
  const listed = (variables.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  return {
    ...host,
    isCI: flag('CI'),
    noColor: text('NO_COLOR') !== undefined,
    term: text('TERM'),
    // Windows and macOS terminals speak UTF-8 whatever the locale says.
    utf8: host.platform !== 'linux' || /utf-?8/i.test(locale ?? ''),
    kubeconfigPaths: listed.length > 0 ? listed : [join(host.homeFolder, '.kube', 'config')],
    lab: {
      home: text('NETPOL_LAB_HOME'),
      cluster: text('NETPOL_LAB_CLUSTER'),
      display: text('NETPOL_LAB_DISPLAY'),
      ascii: flag('NETPOL_LAB_ASCII'),
      kindImage: text('NETPOL_LAB_KIND_IMAGE'),
    },
    variables: Object.fromEntries(
      Object.entries(variables).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    ),
  }
}
