import type { BaseNode } from '../files/file-node.ts'

/** What an image is: how it starts, and the files that it brings. */
export interface Image {
  /** Normalised name without a tag: `docker.io/library/nginx`. */
  readonly name: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingDir?: string
  /** Who runs it, as the `USER` of its Dockerfile. @default root */
  readonly user?: string
  /** What its registry hands out for it, in bytes; it differs a little from tag to tag. */
  readonly sizeBytes?: number
  /** What asks its first process to stop. @default SIGTERM */
  readonly stopSignal?: 'SIGINT' | 'SIGQUIT'
  /** Builds the file layer; called once. */
  readonly layer: () => ReadonlyMap<string, BaseNode>
}
