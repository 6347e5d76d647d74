import type { KubectlCommand } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { changeTemplates, containersOf, SET_FLAGS } from './set-template.ts'

/** `kubectl set image` (`kubectl/pkg/cmd/set/set_image.go`). */
export const setImageCommand: KubectlCommand = {
  name: 'set image',
  summary: 'Update the image of a pod template',
  usage:
    'kubectl set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  words: 'objects',
  flags: SET_FLAGS,
  async run(context, given) {
    const words = given.positionals.filter((word) => !word.includes('='))
    const images = given.positionals.filter((word) => word.includes('='))
    if (words.length === 0 && given.flags.list('filename').length === 0) {
      throw new KubectlError(
        'one or more resources must be specified as <resource> <name> or <resource>/<name>',
      )
    }
    if (images.length === 0) throw new KubectlError('at least one image update is required')
    const wildcard = images.some((pair) => pair.startsWith('*='))
    if (wildcard && images.length > 1) {
      throw new KubectlError(
        'all containers are already specified by *, but saw more than one container_name=container_image pairs',
      )
    }
    return changeTemplates(context, given, {
      words,
      operation: 'image updated',
      failing: 'failed to patch image update to pod template:',
      change(podSpec) {
        for (const pair of images) {
          const equals = pair.indexOf('=')
          const name = pair.slice(0, equals)
          const found = containersOf(podSpec).filter(
            (container) => name === '*' || container.name === name,
          )
          for (const container of found) container.image = pair.slice(equals + 1)
          if (found.length === 0) {
            throw new KubectlError(`unable to find container named ${JSON.stringify(name)}`)
          }
        }
      },
    })
  },
}
