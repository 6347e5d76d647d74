import type { Fix } from '../provider.ts'
import type { Engine } from './engine.ts'
import { LEAST_KIND } from './kind-version.ts'

const KIND_PAGE = 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation'
const DOCKER_PAGE = 'https://docs.docker.com/get-started/get-docker/'

/** How to get kind, or a newer one, on this platform. */
export function kindFixes(platform: NodeJS.Platform): readonly Fix[] {
  const page = { label: `Install kind ${LEAST_KIND} or newer: ${KIND_PAGE}` }
  if (platform === 'darwin') return [{ label: 'Install kind', command: 'brew install kind' }, page]
  if (platform === 'win32') {
    return [{ label: 'Install kind', command: 'winget install Kubernetes.kind' }, page]
  }
  return [page, { label: 'With Go', command: 'go install sigs.k8s.io/kind@latest' }]
}

/** How to get a container engine. */
export function missingEngineFixes(): readonly Fix[] {
  return [{ label: `Install Docker (or Podman, or nerdctl): ${DOCKER_PAGE}` }]
}

/** How to make an engine answer that is installed. */
export function silentEngineFixes(platform: NodeJS.Platform, engine: Engine): readonly Fix[] {
  if (engine.program === 'podman') {
    return platform === 'linux'
      ? [{ label: 'Let Podman explain', command: 'podman info' }]
      : [{ label: 'Start the machine of Podman', command: 'podman machine start' }]
  }
  if (engine.program === 'nerdctl') {
    return [{ label: 'Start containerd', command: 'sudo systemctl start containerd' }]
  }
  if (platform === 'darwin') return [{ label: 'Start Docker', command: 'open -a Docker' }]
  if (platform === 'win32') return [{ label: 'Start Docker Desktop from the Start menu' }]
  return [
    { label: 'Start Docker', command: 'sudo systemctl start docker' },
    {
      label: 'Where it runs already, let your user in, then log in again',
      command: 'sudo usermod -aG docker "$USER"',
    },
  ]
}

/** A fix as one line of an error. */
export function fixLine(fix: Fix): string {
  return fix.command === undefined ? `${fix.label}.` : `${fix.label}: ${fix.command}`
}
