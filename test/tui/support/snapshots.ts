import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import type {
  AppSnapshot,
  ChoiceQuestion,
  DebriefView,
  ErrorSnapshot,
  OpeningSnapshot,
  OutcomeView,
  Question,
  RunSnapshot,
  StartSnapshot,
  StatusLine,
  ViewBlock,
} from '../../../src/runner/snapshot.ts'

export function markdown(text: string) {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children
}

const said = (text: string): StatusLine => ({ parts: [text] })

export const blocks: readonly ViewBlock[] = [
  ...markdown(
    'The pod cannot look up the name "web" at all, because the policy also closes the way to the name servers. Open **port 53** and no other.',
  ).map((node): ViewBlock => ({ kind: 'prose', node })),
  {
    kind: 'excerpt',
    title: 'foo-deny-egress.yaml',
    firstLine: 12,
    language: 'yaml',
    text: '  egress:\n  # name lookups\n  - ports:\n    - port: 53\n      protocol: UDP\n    - port: 53\n      protocol: TCP\n',
  },
  ...markdown('Apply it, then ask again from the pod with the label `app=foo`.').map(
    (node): ViewBlock => ({ kind: 'prose', node }),
  ),
  {
    kind: 'items',
    items: [
      { id: 'apply', prompt: 'lab$', text: 'kubectl apply -f foo-deny-egress.yaml', state: 'done' },
      { id: 'wget-web', prompt: '/ #', text: 'wget -qO- --timeout 2 http://web:80', state: 'next' },
      {
        id: 'wget-out',
        prompt: '/ #',
        text: 'wget -qO- --timeout 2 http://www.example.com:80',
        state: 'then',
      },
    ],
  },
  ...markdown(
    'The name is found now. What about the page?\n\n- one thing\n- another thing\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> a remark',
  ).map((node): ViewBlock => ({ kind: 'prose', node })),
]

export const run: RunSnapshot = {
  lesson: {
    number: 8,
    id: 'deny-egress',
    title: 'Deny egress from an application',
    shortTitle: 'Deny egress',
  },
  step: { number: 3, count: 6, title: 'Allow DNS' },
  score: { earned: 8, total: 20, parts: [] },
  cluster: 'simulated cluster, enforces both ways',
  workFolder: '/home/ada/.local/share/netpol-lab/work/08-deny-egress',
  files: [{ name: 'foo-deny-egress.yaml', path: '/home/ada/work/foo-deny-egress.yaml' }],
  blocks,
  checks: [
    {
      id: 'bar',
      title: 'pod bar reaches web',
      state: 'passed',
      earned: 2,
      points: 2,
      at: '10:40:12',
      note: undefined,
      wanted: undefined,
      seen: undefined,
      control: undefined,
      sentence: undefined,
    },
    {
      id: 'dns',
      title: 'pod test reaches nothing but DNS',
      state: 'failed',
      earned: 0,
      points: 4,
      at: '10:42:33',
      note: undefined,
      wanted: 'timeout     test to dns.google:53 TCP',
      seen: 'connected   after 0.1 s',
      control: 'connected   bar to dns.google:53 TCP',
      sentence:
        'This policy opens port 53 to every host, not only to the name servers of the cluster.',
    },
    {
      id: 'later',
      title: 'pod test answers nobody',
      state: 'later',
      earned: 0,
      points: 2,
      at: undefined,
      note: 'waits for your prediction',
      wanted: undefined,
      seen: undefined,
      control: undefined,
      sentence: undefined,
    },
  ],
  hints: [
    {
      title: 'Where to look',
      state: 'open',
      note: undefined,
      blocks: markdown('The failing line names the host. Which server does a pod ask **first**?'),
    },
    { title: 'What to write', state: 'closed', note: undefined, blocks: markdown('Two ports.') },
    {
      title: 'The whole file',
      state: 'locked',
      note: 'after hint 2',
      blocks: markdown('All of it.'),
    },
  ],
  question: undefined,
  outcome: undefined,
  outcomeOpen: false,
  debrief: undefined,
  console: { place: 'lab', session: undefined, busy: false, interruptible: false },
  enter: 'run',
  readFirst: false,
  said: [],
  last: said('networkpolicy foo-deny-egress configured'),
  now: said('Enter runs the marked line in pod test. First you say what will happen.'),
}

export function lesson(change: Partial<RunSnapshot> = {}): AppSnapshot {
  return { place: 'lesson', run: { ...run, ...change } }
}

export const predict: Question = {
  kind: 'predict',
  id: 'predict-web',
  title: 'Predict',
  text: ['What will the pod see?'],
  excerpt: undefined,
  choices: [
    { label: 'connected', note: 'the page comes back' },
    { label: 'refused', note: 'an answer at once: nothing listens on that port' },
    { label: 'timeout', note: 'no answer at all; wget gives up after 2 seconds' },
    { label: 'dns-failure', note: 'the name "web" cannot be looked up' },
    { label: 'not sure', note: 'no points, and nothing lost' },
  ],
  marked: undefined,
  escape: 'do not run it',
  prompt: '/ #',
  command: 'wget -qO- --timeout 2 http://web:80',
  from: 'pod test in namespace default, label app=foo',
  to: 'web, port 80, TCP',
  outcomes: ['connected', 'refused', 'timeout', 'dns-failure', undefined],
  footnote: 'A right prediction is worth 1 point. A miss costs nothing.',
}

type Quiz = Extract<Question, { kind: 'quiz' | 'because' }>

export const quiz: Quiz = {
  kind: 'quiz',
  id: 'quiz-2',
  title: 'Quiz',
  position: '2 of 3',
  text: ['This policy selects app=foo. What can these pods still do?'],
  excerpt: 'policyTypes:\n- Egress\negress: []\n',
  choices: [
    { label: 'Connect to every pod of their own namespace', note: '' },
    { label: 'Connect to nothing, and be reached by nobody', note: '' },
    { label: 'Connect to nothing, but be reached by others', note: '' },
    { label: 'Connect to the name servers only', note: '' },
  ],
  marked: undefined,
  escape: 'back',
  answered: undefined,
}

export const answered: Quiz = {
  ...quiz,
  answered: {
    chosen: 1,
    right: 2,
    reasons: [
      'The policy says nothing about who may come in.',
      'An empty egress list lets nothing out.',
    ],
    points: '0 of 1 point. Step 5 comes back to this.',
  },
}

export const leave: Question = {
  kind: 'leave',
  id: 'leave',
  title: 'Leave',
  text: ['Step 3 of 6. Your files and 8 points are saved.', 'What should happen to the cluster?'],
  excerpt: undefined,
  choices: [
    { label: 'Keep it running', note: 'the next start is instant' },
    { label: 'Save and stop it', note: 'the next start takes about 20 s' },
    {
      label: 'Destroy it',
      note: 'deletes the cluster; steps 1 to 3 run again by themselves at the next start',
    },
    { label: 'Stay', note: 'go on with step 3' },
  ],
  marked: 0,
  escape: 'stay',
}

export const outcome: OutcomeView = {
  prompt: '/ #',
  command: 'wget -qO- --timeout 2 http://web:80',
  where: 'in pod test, app=foo',
  predicted: 'dns-failure',
  observed: 'timeout',
  after: 'after 2.0 s',
  verdict: 'not as predicted',
  evidence: [
    {
      label: 'control',
      what: 'bar  to web:80',
      mark: 'good',
      word: 'connected',
      note: 'so web is up',
    },
    {
      label: 'name',
      what: 'web is 10.96.14.7',
      mark: 'good',
      word: 'answered',
      note: 'by coredns, 53/UDP',
    },
    {
      label: 'probe',
      what: 'test to web:80',
      mark: 'bad',
      word: 'timeout',
      note: 'wget: download timed out',
    },
  ],
  why: [
    {
      side: 'Leaving test',
      mark: 'bad',
      word: 'denied',
      text: 'foo-deny-egress lets out 53/UDP and 53/TCP; this is 80/TCP',
    },
    { side: 'Entering web', mark: 'good', word: 'allowed', text: 'no policy selects web' },
  ],
  rule: 'Both sides have to allow a connection.',
  newSince: 'New since the last try: the name is found. The connection still dies.',
}

export const debrief: DebriefView = {
  title: 'Deny egress from an application',
  where: 'simulated cluster',
  minutes: 18,
  passed: true,
  parts: [
    { name: 'Checks', value: '14/14', note: '5 of 5 passed, 1 of them at the second try' },
    { name: 'Predictions', value: '4/4', note: '5 made, 4 right' },
    { name: 'Hints', value: '', note: '1 of 9 opened' },
  ],
  shown: [
    {
      mark: 'good',
      word: 'shown',
      text: 'an empty egress list shuts out everything, name lookups included',
    },
  ],
  again: ['step 3: you said dns-failure, it was timeout'],
  idea: undefined,
  workFolder: '~/.local/share/netpol-lab/work/08-deny-egress',
  next: { id: 'deny-all', title: 'Deny all traffic to an application' },
}

export const startQuestion: ChoiceQuestion = {
  id: 'context',
  title: 'Which cluster?',
  text: ['These contexts are in your kubeconfig.'],
  excerpt: undefined,
  choices: [
    { label: 'kind-dev', note: '' },
    { label: 'gke-team', note: '' },
  ],
  marked: 0,
  escape: 'back',
}

export const start: StartSnapshot = {
  firstStart: true,
  clusters: [
    {
      kind: 'simulated',
      title: 'Simulated cluster',
      about: 'A Kubernetes API inside this program. Nothing to install or clean up.',
      word: 'ready',
      found: '',
      fixes: [],
      isDefault: true,
      choices: [],
    },
    {
      kind: 'kind',
      title: 'kind cluster',
      about: 'A real cluster in a container.',
      word: 'not ready',
      found: 'kind 0.31 is installed. Docker is installed but does not answer.',
      fixes: [{ label: 'Start Docker', command: 'sudo systemctl start docker' }],
      isDefault: false,
      choices: [],
    },
    {
      kind: 'context',
      title: 'A cluster you have',
      about: 'Any cluster that your kubeconfig names.',
      word: undefined,
      found: '',
      fixes: [],
      isDefault: false,
      choices: [],
    },
  ],
  question: undefined,
  last: said('looking at this computer'),
  now: said('Enter starts with the marked one. The choice is remembered; s changes it later.'),
}

export const opening: OpeningSnapshot = {
  title: 'kind cluster',
  seconds: 41.7,
  actions: [
    { id: 'docker', title: 'Docker answers', state: 'done', seconds: 0.2, detail: 'docker 27.3.1' },
    { id: 'images', title: 'lesson images copied into it: 3 of 5', state: 'running', seconds: 4.3 },
    { id: 'canary', title: 'enforcement test, traffic that leaves', state: 'waiting' },
  ],
  lesson: { title: 'Deny egress from an application', blocks },
  last: said('cluster netpol-lab created in 24.1 s'),
  now: said('Copying images, usually 10 to 30 s. Enter opens the lesson meanwhile.'),
}

export const lessons: AppSnapshot = {
  place: 'lessons',
  list: {
    cluster: 'simulated cluster',
    lessons: Array.from({ length: 14 }, (_, index) => ({
      number: index + 1,
      id: `lesson-${index + 1}`,
      title:
        ['Deny egress from an application', 'Deny all traffic', 'Let only some pods in'][index] ??
        `Lesson ${index + 1}`,
      summary: `What lesson ${index + 1} is about.`,
      state:
        index === 0 ? ('done' as const) : index === 1 ? ('started' as const) : ('new' as const),
      earned: index === 0 ? 20 : index === 1 ? 7 : 0,
      total: 20,
      minutes: 15,
      resume: index === 1 ? 'You stopped at step 2 of 4, three days ago.' : undefined,
    })),
    last: said('progress is kept on this computer only'),
    now: said('Enter goes on with lesson 2 at step 2.'),
  },
}

export const error: ErrorSnapshot = {
  code: 'ERR_ENGINE_NOT_READY',
  exitCode: 3,
  title: 'kind cluster',
  sentence: 'No container engine answers, so kind cannot make a cluster.',
  facts: [
    { label: 'Found', text: 'kind 0.31.0, docker 27.3.1' },
    {
      label: 'Tried',
      text: 'docker info\nCannot connect to the Docker daemon. Is the docker daemon running?',
    },
  ],
  choices: [
    { label: 'Use the simulated cluster now', note: 'ready' },
    { label: 'Start Docker, then try again', note: 'sudo systemctl start docker' },
    { label: 'Use a cluster you have', note: '3 found' },
    { label: 'Leave', note: '' },
  ],
  details: ['docker info: exit code 1'],
  last: said('docker info failed after 0.1 s'),
  now: said('Enter uses the simulated cluster. Every lesson runs there too.'),
}

/** Every place by name. */
export const SNAPSHOTS: Readonly<Record<string, AppSnapshot>> = {
  start: { place: 'start-cluster', start },
  'start question': { place: 'start-cluster', start: { ...start, question: startQuestion } },
  opening: { place: 'opening', opening },
  lessons,
  lesson: lesson(),
  predict: lesson({ question: predict, enter: 'answer' }),
  quiz: lesson({ question: quiz, enter: 'answer' }),
  answered: lesson({ question: answered, enter: 'answer' }),
  leave: lesson({ question: leave, enter: 'answer' }),
  outcome: lesson({ outcome, outcomeOpen: true, enter: 'continue' }),
  debrief: lesson({ debrief, enter: 'next-step' }),
  error: { place: 'error', error },
}
