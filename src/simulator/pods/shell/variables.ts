import { withinMemory } from '../process/program-context.ts'

/** What a variable takes beside its name and value. */
const VARIABLE_BYTES = 64

export interface Variable {
  /** Absent: declared (`export X`, `local X`) and not set. */
  value: string | undefined
  exported: boolean
  readonly: boolean
}

/** Thrown for an assignment to a variable that may not change; message as ash words it. */
export class ReadonlyVariable extends Error {
  override readonly name = 'ReadonlyVariable'
  constructor(variable: string) {
    super(`${variable}: is read only`)
  }
}

/** The variables of a shell, with the frames of `local`. */
export class Variables {
  private readonly all = new Map<string, Variable>()
  /** What they hold, about: names, values and what a variable takes beside them. */
  private bytes = 0
  private frames: Map<string, Variable | undefined>[] = []

  get(name: string): string | undefined {
    return this.all.get(name)?.value
  }

  set(
    name: string,
    value: string | undefined,
    options: { readonly exported?: boolean } = {},
  ): void {
    const variable = this.all.get(name)
    if (variable?.readonly) throw new ReadonlyVariable(name)
    if (variable === undefined) {
      this.put(name, { value, exported: options.exported ?? false, readonly: false })
      return
    }
    if (value !== undefined) {
      this.grow(value.length - (variable.value?.length ?? 0))
      variable.value = value
    }
    if (options.exported !== undefined) variable.exported = options.exported
  }

  markReadonly(name: string): void {
    const variable = this.all.get(name)
    if (variable === undefined)
      this.put(name, { value: undefined, exported: false, readonly: true })
    else variable.readonly = true
  }

  unset(name: string): void {
    if (this.all.get(name)?.readonly) throw new ReadonlyVariable(name)
    this.put(name, undefined)
  }

  /** Makes a variable what it was or is to be; `undefined` takes it away. */
  private put(name: string, variable: Variable | undefined): void {
    const before = this.all.get(name)
    const size = (of: Variable | undefined) =>
      of === undefined ? 0 : VARIABLE_BYTES + name.length + (of.value?.length ?? 0)
    this.grow(size(variable) - size(before))
    if (variable === undefined) this.all.delete(name)
    else this.all.set(name, variable)
  }

  private grow(bytes: number): void {
    if (bytes > 0) withinMemory(this.bytes + bytes)
    this.bytes += bytes
  }

  entries(): [string, Variable][] {
    return [...this.all].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** What programs inherit. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>()
    for (const [name, variable] of this.all) {
      if (variable.exported && variable.value !== undefined) environment.set(name, variable.value)
    }
    return environment
  }

  get inFunction(): boolean {
    return this.frames.length > 0
  }

  enterFunction(): void {
    this.frames.push(new Map())
  }

  leaveFunction(): void {
    for (const [name, variable] of this.frames.pop() ?? []) this.put(name, variable)
  }

  /** Keeps the outer value of a variable until the function returns. */
  makeLocal(name: string): void {
    const frame = this.frames.at(-1)
    if (frame === undefined || frame.has(name)) return
    const outer = this.all.get(name)
    frame.set(name, outer)
    // Unset inside, but for what its readers take for granted.
    if (outer !== undefined) this.put(name, { ...outer, value: undefined })
  }

  /** What a variable is now, for `putBack`. */
  snapshot(name: string): Variable | undefined {
    const variable = this.all.get(name)
    return variable === undefined ? undefined : { ...variable }
  }

  putBack(name: string, variable: Variable | undefined): void {
    this.put(name, variable)
  }

  clone(): Variables {
    const copy = new Variables()
    for (const [name, variable] of this.all) copy.all.set(name, { ...variable })
    copy.bytes = this.bytes
    copy.frames = this.frames.map((frame) => new Map(frame))
    return copy
  }
}
