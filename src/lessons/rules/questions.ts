import type { Choice } from '../model.ts'
import { checksOf, predictionsOf, quizzesOf } from './names.ts'
import type { Rule } from './rule.ts'

/** Every question has exactly one right choice, and every prediction a probe that means something. */
export const assertQuestions: Rule = ({ lesson, places, problems }) => {
  for (const { quiz, at } of quizzesOf(lesson)) {
    const fault = faultOf(quiz.choices)
    if (fault !== undefined)
      problems.add(places.of(quiz, ['choices'], at), 'one-right-choice', fault)
  }
  for (const prediction of predictionsOf(lesson)) {
    const fault = prediction.because === undefined ? undefined : faultOf(prediction.because.choices)
    if (fault !== undefined)
      problems.add(
        places.of(prediction, ['because', 'choices'], prediction.at),
        'one-right-choice',
        fault,
      )
    if (
      prediction.probe.control === undefined &&
      prediction.choices.every((choice) => choice.outcome !== 'connected')
    ) {
      problems.add(
        places.of(prediction, ['choices'], prediction.at),
        'choices-tell',
        'Offer "connected" too: without it the choices say that it fails.',
      )
    }
  }
  const probes = [
    ...predictionsOf(lesson).map((one) => ({
      probe: one.probe,
      part: one,
      at: one.at,
      expects: undefined,
    })),
    ...checksOf(lesson).flatMap((check) =>
      check.kind === 'probe'
        ? [{ probe: check.probe, part: check, at: check.at, expects: check.expect }]
        : [],
    ),
  ]
  for (const { probe, part, at, expects } of probes) {
    const needsPort = probe.protocol !== 'ICMP' && probe.protocol !== 'DNS'
    if (needsPort && probe.port === undefined)
      problems.add(
        places.of(part, [], at),
        'probe-port',
        `Add "port": a ${probe.protocol} probe goes to a port.`,
      )
    if (!needsPort && probe.port !== undefined)
      problems.add(
        places.of(part, ['port'], at),
        'probe-port',
        `Take "port" out: ${probe.protocol} has none.`,
      )
    const isDenial = expects === 'blocked' || expects === 'timeout' || expects === 'dns-failure'
    if (isDenial && probe.control === undefined) {
      problems.add(
        places.of(part, [], at),
        'probe-control',
        'Add "control": a pod from which the same connection works. Without it a failure proves nothing.',
      )
    }
  }
}

function faultOf(choices: readonly Choice[]): string | undefined {
  const right = choices.filter((choice) => choice.right).length
  if (right === 1) return undefined
  return right === 0
    ? 'No choice is right. Mark one with "right: true".'
    : `${right} choices are marked right. Mark one with "right: true".`
}
