import { type FieldError, fieldError } from './field-error.ts'
import { fieldOf, isRecord, listOf, numberOf, textOf } from './json.ts'
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
      found.push(...filesErrors(fieldOf(volume, kind), kind, `${place}.${kind}`))
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

const MODE_RULE = 'must be a number between 0 and 0777 (octal), both inclusive'

function modeErrors(source: unknown, field: string, at: string): readonly FieldError[] {
  const mode = numberOf(source, field)
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? []
    : [fieldError.invalid(`${at}.${field}`, mode, MODE_RULE)]
}

/** The modes and paths of files that the kubelet writes: models validateConfigMapVolumeSource and its neighbours. */
function filesErrors(source: unknown, kind: string, at: string): readonly FieldError[] {
  if (!['configMap', 'secret', 'downwardAPI', 'projected'].includes(kind)) return []
  const found: FieldError[] = [...modeErrors(source, 'defaultMode', at)]
  for (const [index, item] of listOf(fieldOf(source, 'items')).entries()) {
    const place = `${at}.items[${index}]`
    const path = textOf(item, 'path')
    if (kind !== 'downwardAPI' && textOf(item, 'key') === '') {
      found.push(fieldError.required(`${place}.key`))
    }
    if (path === '') found.push(fieldError.required(`${place}.path`))
    found.push(...descendingErrors(path, `${place}.path`))
    // `..data` and its like are the kubelet's.
    if (path.startsWith('..') && !path.startsWith('../')) {
      found.push(fieldError.invalid(`${place}.path`, path, "must not start with '..'"))
    }
    found.push(...modeErrors(item, 'mode', place))
  }
  for (const [index, part] of listOf(fieldOf(source, 'sources')).entries()) {
    for (const each of ['configMap', 'secret', 'downwardAPI']) {
      const inner = fieldOf(part, each)
      if (inner !== undefined)
        found.push(...filesErrors(inner, each, `${at}.sources[${index}].${each}`))
    }
  }
  return found
}

/** `validateLocalDescendingPath`. */
function descendingErrors(path: string, at: string): readonly FieldError[] {
  return [
    ...(path.startsWith('/') ? [fieldError.invalid(at, path, 'must be a relative path')] : []),
    ...(path.split('/').includes('..')
      ? [fieldError.invalid(at, path, "must not contain '..'")]
      : []),
  ]
}

/** `ValidateVolumeMounts`. The paths in a volume are named without the mount's number, as there. */
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
    const [subPath, expression] = [textOf(mount, 'subPath'), textOf(mount, 'subPathExpr')]
    found.push(...descendingErrors(subPath, `${at}.subPath`))
    if (subPath !== '' && expression !== '') {
      const words = 'subPathExpr and subPath are mutually exclusive'
      found.push(fieldError.invalid(`${place}.subPathExpr`, expression, words))
    }
    found.push(...descendingErrors(expression, `${at}.subPathExpr`))
  }
  return found
}
