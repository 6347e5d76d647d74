import type { ImagePull } from '../../ports.ts'
import type { BaseNode } from '../files/file-node.ts'
import type { Image } from './image.ts'
import { type ImageReference, parseImageReference } from './image-reference.ts'
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
          message: `Failed to apply default image tag "${text}": couldn't parse image name "${text}": invalid reference format${capitalsIn(text)}`,
        }
      }
      const image = find(text)
      if (image !== undefined) {
        return {
          ok: true,
          imageID: `${reference.name}@sha256:${digestOf(reference.full)}`,
          ...(image.sizeBytes === undefined ? {} : { sizeBytes: image.sizeBytes }),
        }
      }
      return {
        ok: false,
        reason: 'ErrImagePull',
        message: pullError(reference),
      }
    },
    layerOf(image) {
      const built = layers.get(image) ?? image.layer()
      layers.set(image, built)
      return built
    },
  }
}

/** What the reference parser adds for capital letters (distribution/reference). */
function capitalsIn(text: string): string {
  const name = text.replace(/(?::[\w.-]*)?(?:@.*)?$/, '')
  const path = name.includes('/') ? name : `library/${name}`
  return /[A-Z]/.test(name) ? `: repository name (${path}) must be lowercase` : ''
}

/** Tags that learners mistype: a registry has none of them. */
function isMissingTag(tag: string): boolean {
  return /^(?:lastest|latets|lates|nosuch|no-such.*|missing|doesnotexist|does-not-exist|typo)$/.test(
    tag,
  )
}

/** Registries that are there; any other domain has no address. */
const NOT_FOUND_REGISTRIES = [
  'registry.k8s.io',
  'k8s.gcr.io',
  'gcr.io',
  'us-docker.pkg.dev',
  'mcr.microsoft.com',
]

/**
 * containerd's words for an image that its registry does not have, as the kubelet hands them on: it leaves the status out where the code is
 * Unknown (k8s.io/cri-client remote_image.go).
 */
function pullError(reference: ImageReference): string {
  const { full, name, tag } = reference
  const [domain = '', ...path] = name.split('/')
  const repository = path.join('/')
  const failed = `failed to pull and unpack image "${full}": failed to resolve reference "${full}": `
  const known = IMAGES.some(({ names }) => names.includes(name))
  if (known || NOT_FOUND_REGISTRIES.includes(domain)) {
    return `rpc error: code = NotFound desc = ${failed}${full}: not found`
  }
  switch (domain) {
    case 'docker.io':
      return `${failed}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
    case 'ghcr.io':
      return `${failed}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3A${encodeURIComponent(repository)}%3Apull&service=ghcr.io: 403 Forbidden`
    case 'quay.io':
      return `${failed}unexpected status from HEAD request to https://quay.io/v2/${repository}/manifests/${tag}: 401 UNAUTHORIZED`
    default: {
      const host = domain.replace(/:\d+$/, '')
      const reason =
        host === 'localhost' || /^[\d.]+$/.test(host)
          ? `dial tcp ${host === 'localhost' ? '127.0.0.1' : host}:${/:(\d+)$/.exec(domain)?.[1] ?? '443'}: connect: connection refused`
          : `dial tcp: lookup ${host} on 172.18.0.1:53: no such host`
      return `${failed}failed to do request: Head "https://${domain}/v2/${repository}/manifests/${tag}": ${reason}`
    }
  }
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
