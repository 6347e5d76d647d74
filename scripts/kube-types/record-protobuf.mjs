// Records what a real kubectl sends as protobuf, and the same object as kubectl itself writes it as JSON (--dry-run=client), for test/simulator/api/protobuf.test.ts.
// Run: node scripts/kube-types/record-protobuf.mjs PATH-OF-KUBECTL-1.32 > test/simulator/api/fixtures/kubectl-protobuf.json
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const COMMANDS = [
  'create namespace lab',
  'create deployment web --image=nginx --replicas=3 --port=80',
  'create configmap settings --from-literal=a=1 --from-literal=b=',
  'create secret generic pass --from-literal=user=admin',
  'create secret docker-registry pull --docker-server=r.example --docker-username=u --docker-password=p',
  'create service clusterip web --tcp=80:8080',
  'create service nodeport np --tcp=80:http --node-port=30080',
  'create service externalname out --external-name=example.com',
  'create serviceaccount robot',
  'create job once --image=busybox -- sh -c true',
  'create cronjob nightly --image=busybox --schedule=0_0_*_*_*',
  'create ingress site --rule=example.com/path*=web:80,tls=cert --rule=*/=web:http --class=nginx',
  'create rolebinding readers --role=reader --serviceaccount=default:robot --user=ann',
  'create clusterrole all --verb=* --non-resource-url=/metrics',
  'create clusterrolebinding admins --clusterrole=admin --group=ops',
  'create token robot --duration=10m --audience=lab',
  'create poddisruptionbudget safe --selector=app=web --min-available=50%',
  'create priorityclass high --value=1000 --description=first',
  'create quota limits --hard=pods=10,cpu=2,memory=1Gi',
  'auth whoami',
  'auth can-i --list',
]

const [kubectl = 'kubectl'] = process.argv.slice(2)
const seen = []
const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    if (request.headers['content-type'] === 'application/vnd.kubernetes.protobuf') {
      seen.push({ path: request.url.split('?')[0], body: Buffer.concat(chunks).toString('base64') })
    }
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(
      '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}',
    )
  })
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${server.address().port}`
const cache = mkdtempSync(join(tmpdir(), 'record-protobuf-'))
const recorded = []
for (const command of COMMANDS) {
  seen.length = 0
  // Blanks within a word are written as underscores.
  const words = command.split(' ').map((word) => word.replaceAll('_', ' '))
  const run = (more) =>
    new Promise((resolve) =>
      execFile(
        kubectl,
        ['--server', url, '--cache-dir', cache, ...more],
        { env: { HOME: cache, KUBECONFIG: join(cache, 'none') } },
        (_error, stdout) => resolve(stdout),
      ),
    )
  await run(words)
  const [sent] = seen
  if (sent === undefined) throw new Error(`${command} sent no protobuf`)
  const end = words.includes('--') ? words.indexOf('--') : words.length
  const dryRun = ['--dry-run=client', '-o', 'json']
  const json = await run([...words.slice(0, end), ...dryRun, ...words.slice(end)])
  recorded.push({
    command: `kubectl ${words.join(' ')}`,
    ...sent,
    ...(json === '' ? {} : { object: JSON.parse(json) }),
  })
}
server.close()
rmSync(cache, { recursive: true })
process.stdout.write(`${JSON.stringify(recorded, null, 2)}\n`)
