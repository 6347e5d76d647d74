import type { FlagSpec, Flags } from './flags.ts'
import { KubectlError } from './kubectl-error.ts'

/** Flags that several commands share, as kubectl's `PrintFlags`, `FileNameFlags` and dry-run flags declare them. */

const ONE_CLUSTER = 'The lab has one cluster, and this kubectl speaks to it alone.'

/** Flags of kubectl itself, accepted before and after the command. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'namespace', short: 'n', type: 'string' },
  { name: 'help', short: 'h', type: 'bool' },
  { name: 'v', short: 'v', type: 'int' },
  { name: 'request-timeout', type: 'string' },
  ...[
    'context',
    'cluster',
    'user',
    'kubeconfig',
    'token',
    'username',
    'password',
    'as',
    'as-group',
    'as-uid',
    'certificate-authority',
    'client-certificate',
    'client-key',
    'tls-server-name',
    'cache-dir',
    'profile',
    'vmodule',
  ].map((name): FlagSpec => ({ name, type: 'string', refused: ONE_CLUSTER })),
  { name: 'server', short: 's', type: 'string', refused: ONE_CLUSTER },
  { name: 'insecure-skip-tls-verify', type: 'bool', refused: ONE_CLUSTER },
  { name: 'warnings-as-errors', type: 'bool', refused: 'Read the warnings of a command instead.' },
]

const TEMPLATE_REFUSED = 'Use -o jsonpath=… or -o custom-columns=… instead.'

export const PRINT_FLAGS: readonly FlagSpec[] = [
  { name: 'output', short: 'o', type: 'string', values: ['json', 'name', 'wide', 'yaml'] },
  { name: 'template', type: 'string', refused: TEMPLATE_REFUSED },
  { name: 'allow-missing-template-keys', type: 'bool', default: 'true' },
  { name: 'show-managed-fields', type: 'bool' },
]

export const FILE_FLAGS: readonly FlagSpec[] = [
  { name: 'filename', short: 'f', type: 'slice' },
  { name: 'recursive', short: 'R', type: 'bool' },
  {
    name: 'kustomize',
    short: 'k',
    type: 'string',
    refused: 'Apply the files of the folder with -f instead.',
  },
]

export const SELECTOR_FLAG: FlagSpec = { name: 'selector', short: 'l', type: 'string' }
export const FIELD_SELECTOR_FLAG: FlagSpec = { name: 'field-selector', type: 'string' }
export const ALL_NAMESPACES_FLAG: FlagSpec = { name: 'all-namespaces', short: 'A', type: 'bool' }

export const DRY_RUN_FLAG: FlagSpec = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  alone: 'unchanged',
  values: ['client', 'none', 'server'],
}

export const FIELD_MANAGER_FLAG: FlagSpec = { name: 'field-manager', type: 'string' }
export const SAVE_CONFIG_FLAG: FlagSpec = { name: 'save-config', type: 'bool' }
export const VALIDATE_FLAG: FlagSpec = {
  name: 'validate',
  type: 'string',
  default: 'strict',
  alone: 'strict',
  values: ['ignore', 'strict', 'warn'],
}

export type DryRun = 'none' | 'client' | 'server'

/** @throws KubectlError for another value */
export function dryRunOf(flags: Flags, warn: (text: string) => void): DryRun {
  const value = flags.string('dry-run')
  switch (value) {
    case 'none':
    case 'client':
    case 'server':
      return value
    case 'unchanged':
      warn('Warning: --dry-run is deprecated and can be replaced with --dry-run=client.\n')
      return 'client'
    default:
      throw new KubectlError(
        `Invalid dry-run value (${value}). Must be "none", "server", or "client".`,
      )
  }
}

/** The `fieldValidation` that `--validate` asks for. @throws KubectlError */
export function fieldValidationOf(flags: Flags): 'Strict' | 'Warn' | 'Ignore' {
  switch (flags.string('validate')) {
    case 'true':
    case 'strict':
      return 'Strict'
    case 'warn':
      return 'Warn'
    case 'false':
    case 'ignore':
      return 'Ignore'
    default:
      throw new KubectlError(
        `invalid - validate option ${JSON.stringify(flags.string('validate'))}; must be one of: strict (or true), warn, ignore (or false)`,
      )
  }
}
