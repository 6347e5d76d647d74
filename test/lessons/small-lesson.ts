import type { LessonFiles } from '../../src/lessons/lesson-files.ts'

/** A lesson with one of everything. */
export const SMALL_LESSON = `---
format: 1
id: small
title: A small lesson
summary: One of everything.
level: beginner
minutes: 5
points: 10
objectives:
  - See one of everything.
needs:
  images: [alpine]
  namespaces: [default]
shown:
  - text: everything was seen
    checks: [client-there]
---

# A small lesson

Some prose.

## First step

More prose with a [link](https://example.org).

\`\`\`yaml
# close.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: close
spec:
  podSelector: {}
\`\`\`

\`\`\`console
$ kubectl apply -f close.yaml
networkpolicy.networking.k8s.io/close created
$ kubectl run --rm -i -t --image=alpine \\
    test -- ash
\`\`\`

\`\`\`yaml predict
id: predict-web
from: default/client
to: web
port: 80
points: 2
choices:
  connected: it works
  timeout: it does not
because:
  question: Why?
  points: 1
  choices:
    - { text: yes it is, right: true, why: so it is }
    - { text: no it is not, why: it is }
\`\`\`

\`\`\`console
/ # wget -qO- http://web
wget: download timed out

/ # ping web
PING web ([..]): 56 data bytes
^C
/ # exit
\`\`\`

\`\`\`yaml check
- id: client-there
  title: the client is there
  points: 3
  kind: resource
  resource: { apiVersion: v1, kind: Pod, namespace: default, name: client }
  expect: exists
  success: There it is.
- id: client-closed
  title: the client is closed
  points: 2
  kind: probe
  from: default/app=client
  to: web
  port: 80
  control: default/other
  expect: blocked
  after: predict-web
  success: It is closed.
  mistakes:
    - id: wrong-subject
      outcome: connected
      says: It still connects.
\`\`\`

## Second step

\`\`\`yaml task
id: write-it
text: Write it.
file: close.yaml
\`\`\`

<details><summary>Hint 1: Look there</summary>

There it is.

</details>

<details>
<summary>Hint 5: All of it</summary>

This is all of it.

\`\`\`yaml
a: 1
\`\`\`

</details>

\`\`\`yaml check
- id: policy-right
  title: the policy is right
  points: 1
  kind: policy
  namespaces: [default]
  sameAs: solution/close.yaml
  success: It is right.
\`\`\`

\`\`\`yaml wrong
- mistake: wrong-subject
  file: wrong/subject.yaml
  check: policy-right
  says: It still connects
\`\`\`

\`\`\`yaml solution
files:
  - name: close.yaml
    from: solution/close.yaml
commands:
  - kubectl apply -f close.yaml
\`\`\`

\`\`\`yaml quiz
id: quiz-one
question: Which?
points: 1
choices:
  - text: this
    right: true
    why: it is
  - text: that
    why: it is not
\`\`\`
`

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: close
spec:
  podSelector: {}
`

export const SMALL_WORLD = `apiVersion: v1
kind: Pod
metadata:
  name: client
  labels:
    app: client
spec:
  containers:
  - name: client
    image: alpine
`

export const FOLDER = 'lessons/01-small'

/** The files of the small lesson, some of them changed; `undefined` takes a file out. */
export function smallLesson(
  changes: Readonly<Record<string, string | undefined>> = {},
  folder = FOLDER,
): LessonFiles {
  const texts = new Map([
    ['lesson.md', SMALL_LESSON],
    ['world.yaml', SMALL_WORLD],
    ['solution/close.yaml', POLICY],
    [
      'wrong/subject.yaml',
      POLICY.replace('podSelector: {}', 'podSelector: { matchLabels: { app: web } }'),
    ],
  ])
  for (const [name, text] of Object.entries(changes)) {
    if (text === undefined) texts.delete(name)
    else texts.set(name, text)
  }
  return { folder, texts }
}
