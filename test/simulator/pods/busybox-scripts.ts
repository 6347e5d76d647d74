import { createWorld } from './world.ts'

/** What a script printed, and how it ended. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** Runs a script as `sh -c SCRIPT` in a new container, in an empty folder, without standard input. */
export async function runSimulated(script: string): Promise<Outcome> {
  const world = createWorld()
  try {
    const pod = world.addPod({
      name: 'test',
      ip: '10.244.0.7',
      image: 'alpine',
      container: { command: ['sleep', 'infinity'], workingDir: '/tmp/box' },
    })
    const { stdout, stderr, code } = await world.run(pod, script)
    return { stdout, stderr, code }
  } finally {
    await world.close()
  }
}

/**
 * Takes out what differs between builds of BusyBox and not between it and the simulated one: the version in usage texts, and the
 * words of getopt, which are the C library's (glibc in Debian's build, musl in Alpine's, which the pods follow).
 */
export function comparable({ stdout, stderr, code }: Outcome): Outcome {
  const text = (raw: string) =>
    raw
      .replace(/BusyBox v1\.[^\n]*/g, 'BusyBox')
      .replace(/invalid option -- '(.)'/g, 'unrecognized option: $1')
      .replace(/unrecognized option '--([^']*)'/g, 'unrecognized option: $1')
      .replace(/option requires an argument -- '(.)'/g, 'option requires an argument: $1')
  return { stdout: text(stdout), stderr: text(stderr), code }
}
