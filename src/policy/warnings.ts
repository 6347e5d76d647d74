import type { NetworkPolicy } from '../kube/objects.ts'
import { formatAddress, parseAddress, parseCidr } from './address.ts'
import { rulePartsOf } from './rule-parts.ts'

/** Texts of the `Warning` headers that a server of 1.33 or later sends for a policy that it accepts. */
export function networkPolicyWarnings(policy: NetworkPolicy): readonly string[] {
  const warnings: string[] = []
  for (const { peers, path, peerField } of rulePartsOf(policy)) {
    for (const [index, { ipBlock }] of peers.entries()) {
      if (ipBlock == null) continue
      const block = `${path}.${peerField}[${index}].ipBlock`
      warnings.push(...cidrWarnings(ipBlock.cidr, `${block}.cidr`))
      for (const [exceptIndex, except] of (ipBlock.except ?? []).entries()) {
        warnings.push(...cidrWarnings(except, `${block}.except[${exceptIndex}]`))
      }
    }
  }
  return warnings
}

/** apimachinery util/validation ip.go `GetWarningsForCIDR`. */
function cidrWarnings(text: string, path: string): string[] {
  const cidr = parseCidr(text)
  if (cidr === undefined) return []
  const [host = ''] = text.split('/')
  const bits = cidr.family === 4 ? 32 : 128
  const network = `${formatAddress({ family: cidr.family, value: cidr.first })}/${cidr.prefixLength}`
  const warnings: string[] = []
  if (cidr.hostBits) {
    const address = parseAddress(host)
    const single = `${address === undefined ? host : formatAddress(address)}/${bits}`
    warnings.push(
      `${path}: CIDR value "${text}" is ambiguous in this context (should be "${network}" or "${single}"?)`,
    )
  }
  const isMapped = cidr.family === 4 && text.includes(':')
  if (isMapped || /(^|[./])0\d/.test(text)) {
    warnings.push(
      `${path}: non-standard CIDR value "${text}" will be considered invalid in a future Kubernetes release: use "${network}"`,
    )
  }
  if (warnings.length === 0 && cidr.family === 6 && text !== network) {
    warnings.push(
      `${path}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${network}")`,
    )
  }
  return warnings
}
