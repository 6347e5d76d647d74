import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseEnvironment } from '../../src/platform/environment.ts'
import { findLabHome } from '../../src/platform/lab-home.ts'

const host = { platform: 'linux', homeFolder: '/home/ada' } as const

describe('the environment', () => {
  test('is plain where nothing is set', () => {
    expect(parseEnvironment({}, host)).toEqual({
      ...host,
      isCI: false,
      noColor: false,
      term: undefined,
      utf8: false,
      kubeconfigPaths: [join('/home/ada', '.kube', 'config')],
      lab: {
        home: undefined,
        cluster: undefined,
        display: undefined,
        ascii: false,
        kindImage: undefined,
      },
      variables: {},
    })
  })

  test('reads flags, the locale and the list of kubeconfigs', () => {
    const environment = parseEnvironment(
      {
        CI: 'false',
        NO_COLOR: '',
        LANG: 'de_DE.UTF-8',
        LC_ALL: undefined,
        KUBECONFIG: ['', 'a', 'b'].join(delimiter),
        NETPOL_LAB_ASCII: '1',
      },
      host,
    )
    expect(environment).toMatchObject({
      isCI: false,
      noColor: false,
      utf8: true,
      kubeconfigPaths: ['a', 'b'],
      lab: { ascii: true },
    })
    expect(environment.variables).not.toHaveProperty('LC_ALL')
    expect(parseEnvironment({ CI: '1', NO_COLOR: '0' }, host)).toMatchObject({
      isCI: true,
      noColor: true,
    })
    expect(parseEnvironment({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, host).utf8).toBe(false)
  })

  test('moves every folder of the lab with one variable', () => {
    const home = findLabHome(parseEnvironment({ NETPOL_LAB_HOME: '/x' }, host))
    expect(Object.values(home)).toEqual(
      [join('/x', 'data'), join('/x', 'config'), join('/x', 'data', 'clusters')].map((path) =>
        expect.stringMatching(new RegExp(`${path.replaceAll('\\', '\\\\')}$`)),
      ),
    )
    expect(findLabHome(parseEnvironment({}, host)).data).toContain('netpol-lab')
  })
})
