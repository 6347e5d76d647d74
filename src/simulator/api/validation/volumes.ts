import { type FieldError, fieldError } from './field-error.ts'
import { fieldOf, isRecord, listOf, textOf } from './json.ts'
import { dnsLabelProblems } from './names.ts'

/** The field of each kind of volume that must not be empty. */
const REQUIRED: Readonly<Record<string, string>> = {
  configMap: 'name',
  secret: 'secretName',
  persistentVolumeClaim: 'claimName',
  hostPath: 'path',
}

/** `ValidateVolumes`. Adds the names to `names`. */
export function volumesErrors(
  volumes: unknown,
  at: string,
  names: Set<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  for (const [index, volume] of listOf(volumes).entries()) {
    const place = `${at}[${index}]`
    const name = textOf(volume, 'name')
    const kinds = isRecord(volume) ? Object.keys(volume).filter((field) => field !== 'name') : []
    for (const kind of kinds.slice(1)) {
      found.push(
        fieldError.forbidden(`${place}.${kind}`, 'may not specify more than 1 volume type'),
      )
    }
    const [kind] = kinds
    if (kind === undefined) {
      found.push(fieldError.required(place, 'must specify a volume type'))
    } else {
      const field = REQUIRED[kind]
      if (field !== undefined && textOf(fieldOf(volume, kind), field) === '') {
        found.push(fieldError.required(`${place}.${kind}.${field}`))
      }
    }
    if (name === '') found.push(fieldError.required(`${place}.name`))
    else {
      for (const problem of dnsLabelProblems(name)) {
        found.push(fieldError.invalid(`${place}.name`, name, problem))
      }
      if (names.has(name)) found.push(fieldError.duplicate(`${place}.name`, name))
      names.add(name)
    }
  }
  return found
}

/** `ValidateVolumeMounts`. */
export function mountErrors(
  mounts: unknown,
  at: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const found: FieldError[] = []
  const paths = new Set<string>()
  for (const [index, mount] of listOf(mounts).entries()) {
    const place = `${at}[${index}]`
    const volume = textOf(mount, 'name')
    const path = textOf(mount, 'mountPath')
    if (volume === '') found.push(fieldError.required(`${place}.name`))
    if (!volumes.has(volume)) found.push(fieldError.notFound(`${place}.name`, volume))
    if (path === '') found.push(fieldError.required(`${place}.mountPath`))
    if (paths.has(path)) {
      found.push(fieldError.invalid(`${place}.mountPath`, path, 'must be unique'))
    }
    paths.add(path)
  }
  return found
}
