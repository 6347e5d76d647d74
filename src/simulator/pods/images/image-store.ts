import type { ImagePull } from '../../ports.ts'
import type { BaseNode } from '../files/file-node.ts'
import type { Image } from './image.ts'
import { parseImageReference } from './image-reference.ts'
import { IMAGES } from './image-table.ts'

export interface ImageStore {
  pull(reference: string): ImagePull
  find(reference: string): Image | undefined
  layerOf(image: Image): ReadonlyMap<string, BaseNode>
}

/** The images of a node: the table stands in for the registries, layers are built when first used. */
export function createImageStore(): ImageStore {
  const images = new Map<string, Image>()
  const layers = new Map<Image, ReadonlyMap<string, BaseNode>>()

  const find = (text: string): Image | undefined => {
    const reference = parseImageReference(text)
    if (reference === undefined) return undefined
    const row = IMAGES.find(({ names }) => names.includes(reference.name))
    if (row === undefined || isMissingTag(reference.tag)) return undefined
    let image = images.get(reference.full)
    if (image === undefined) {
      image = { name: reference.name, ...row.image(reference.tag) }
      images.set(reference.full, image)
    }
    return image
  }

  return {
    find,
    pull(text) {
      const reference = parseImageReference(text)
      if (reference === undefined) {
        return {
          ok: false,
          reason: 'InvalidImageName',
          message: `Failed to apply default image tag "${text}": couldn't parse image name "${text}": invalid reference format`,
        }
      }
      if (find(text) !== undefined) {
        return { ok: true, imageID: `${reference.name}@sha256:${digestOf(reference.full)}` }
      }
      return {
        ok: false,
        reason: 'ErrImagePull',
        message: pullError(reference.full, reference.name),
      }
    },
    layerOf(image) {
      const built = layers.get(image) ?? image.layer()
      layers.set(image, built)
      return built
    },
  }
}

/** Tags that learners mistype: a registry has none of them. */
function isMissingTag(tag: string): boolean {
  return /^(?:lastest|latets|lates|nosuch|no-such.*|missing|doesnotexist|does-not-exist|typo)$/.test(
    tag,
  )
}

/** containerd's words (1.7) for an image that its registry does not have. */
function pullError(full: string, name: string): string {
  const [domain = ''] = name.split('/')
  const known = IMAGES.some(({ names }) => names.includes(name))
  if (known || domain !== 'docker.io') {
    return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`
  }
  return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
}

/** A digest that depends on the name alone, so that it is the same on every run. */
function digestOf(text: string): string {
  let out = ''
  let state = 0x811c_9dc5
  for (let round = 0; out.length < 64; round++) {
    for (const char of `${round}${text}`)
      state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x0100_0193) >>> 0
    out += state.toString(16).padStart(8, '0')
  }
  return out.slice(0, 64)
}
