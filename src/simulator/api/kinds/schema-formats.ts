/**
 * Formats of strings that are checked: k8s.io/kube-openapi pkg/validation/strfmt, as far as definitions use them. A format that is
 * not here is not checked, as the server does with those that it does not know.
 */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(text) &&
    !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  duration: isDuration,
  uuid: (text) => /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: (text) => {
    const [, address = '', prefix = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
    return (
      (isIPv4(address) && Number(prefix) <= 32 && prefix !== '') ||
      (isIPv6(address) && Number(prefix) <= 128 && prefix !== '')
    )
  },
  mac: (text) =>
    /^([0-9a-f]{2}([:-]))([0-9a-f]{2}\2){4}[0-9a-f]{2}((\2[0-9a-f]{2}){2})?$/i.test(text) ||
    /^[0-9a-f]{4}(\.[0-9a-f]{4}){2,3}$/i.test(text),
  email: (text) => /^([^<>]*<)?[^\s<>@,;:"]+@[^\s<>@,;:"]+>?$/.test(text.trim()),
  hostname: (text) =>
    text.length <= 255 &&
    /^([a-z0-9\p{S}\p{L}](-?[a-z0-9\p{S}\p{L}]{0,62})?|([a-z0-9\p{S}\p{L}]([a-z0-9\-\p{S}\p{L}]{0,61}[a-z0-9\p{S}\p{L}])?\.)+[a-z\p{L}]{2,63})$/iu.test(
      text,
    ),
  uri: (text) =>
    (text.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(text)) &&
    !/[\u0000- \u007f]|%(?![0-9a-f]{2})/i.test(text),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
}

function isIPv4(text: string): boolean {
  return (
    /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text) &&
    text.split('.').every((part) => Number(part) < 256)
  )
}

function isIPv6(text: string): boolean {
  const halves = text.split('::')
  if (!text.includes(':') || halves.length > 2) return false
  const groupsOf = (half: string) => (half === '' ? [] : half.split(':'))
  const groups = halves.flatMap(groupsOf)
  const last = groups.at(-1) ?? ''
  const isMixed = last.includes('.')
  if (isMixed && !isIPv4(last)) return false
  const plain = isMixed ? groups.slice(0, -1) : groups
  const count = plain.length + (isMixed ? 2 : 0)
  return (
    plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) &&
    (halves.length === 2 ? count < 8 : count === 8)
  )
}

/** Go's own durations, or numbers with units in words: `1 day`, `2 hours`. */
function isDuration(text: string): boolean {
  if (
    /^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/.test(
      text,
    )
  ) {
    return true
  }
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some(([, unit = '']) =>
    /^(ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/i.test(
      unit,
    ),
  )
}
