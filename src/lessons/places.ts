import type { SourcePoint } from './model.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/** Where the parts of a parsed lesson stand in its files; for messages only, no part of the lesson itself. */
export class Places {
  private readonly sources = new Map<
    object,
    { readonly source: YamlSource; readonly path: YamlPath }
  >()
  private readonly points = new Map<object, SourcePoint>()

  /** Remembers that `part` was read from `source` at `path`. */
  keep<T extends object>(part: T, source: YamlSource, path: YamlPath = []): T {
    this.sources.set(part, { source, path })
    return part
  }

  /** Remembers that `part` stands at a point of the Markdown. */
  keepPoint<T extends object>(part: T, at: SourcePoint): T {
    this.points.set(part, at)
    return part
  }

  /** Where `part` stands, or a field of it. `fallback` is used for parts that were not read from a file. */
  of(part: object, path: YamlPath, fallback: SourcePoint): SourcePoint {
    const known = this.sources.get(part)
    if (known !== undefined) return known.source.at([...known.path, ...path])
    return this.points.get(part) ?? fallback
  }

  /** The document that `part` was read from. */
  sourceOf(part: object): YamlSource | undefined {
    return this.sources.get(part)?.source
  }
}
