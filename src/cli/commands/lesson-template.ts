/** The files of a lesson to begin with: one that checks clean and plays. */
export function lessonTemplate(id: string): Readonly<Record<string, string>> {
  return {
    'lesson.md': `---
format: 1
id: ${id}
title: Nobody reaches web
summary: Close one pod and see who notices.
level: beginner
minutes: 5
points: 10
objectives:
  - Close a pod to everybody.
needs:
  images: [alpine, nginx:alpine]
  namespaces: [default]
---

# Nobody reaches web

The pod \`web\` answers everybody. Close it.

## Close it

\`\`\`yaml
# web-deny-all.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web-deny-all
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Ingress
\`\`\`

\`\`\`console
$ kubectl apply -f web-deny-all.yaml
networkpolicy.networking.k8s.io/web-deny-all created
\`\`\`

\`\`\`yaml check
- id: web-closed
  title: pod client does not reach web
  points: 10
  kind: probe
  from: default/client
  to: pod/web
  port: 80
  control: default/web
  expect: blocked
  success: The way in is closed.
  mistakes:
    - id: no-pod-selected
      outcome: connected
      says: "client -> web:80 still connects: the policy selects no pod that serves it."
\`\`\`
`,
    'world.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
  labels:
    app: web
spec:
  containers:
  - name: web
    image: nginx:alpine
    ports:
    - containerPort: 80
---
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: default
  labels:
    app: client
spec:
  containers:
  - name: client
    image: alpine
    command: ["sleep", "infinity"]
`,
  }
}
