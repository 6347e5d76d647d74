import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterAddress } from '../../../../src/simulator/assemble-cluster.ts'
import { openTestCluster, PODS, podOf, type TestCluster } from '../../support/cluster.ts'
import type { SpdyClient } from '../../support/spdy-client.ts'
import { askForSpdy, openSpdy } from '../../support/upgrade.ts'

let cluster: TestCluster
let address: ClusterAddress
beforeAll(async () => {
  cluster = openTestCluster()
  address = await cluster.listen()
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
  await cluster.send('POST', PODS, podOf('done', 'exit', '0'))
  await cluster.until(
    PODS,
    ({ object }) => object.metadata.name === 'web' && object.status.phase === 'Running',
  )
})
afterAll(() => cluster.close())

type Streams = Readonly<Record<string, number>>

/** Opens the streams of a command as client-go does, the error stream first. */
async function begin(
  query: string,
  types: readonly string[],
  protocol = 'v4.channel.k8s.io',
): Promise<{ readonly client: SpdyClient; readonly streams: Streams }> {
  const client = await openSpdy(address, `${PODS}/web/${query}`, protocol)
  const streams: Record<string, number> = {}
  for (const type of ['error', ...types]) streams[type] = await client.open({ streamtype: type })
  return { client, streams }
}

/** Everything until the server has ended the session. */
async function toTheEnd(client: SpdyClient, streams: Streams): Promise<Record<string, string>> {
  await client.until(() => client.frames.some(({ type }) => type === 7))
  await client.end()
  return Object.fromEntries(
    Object.entries(streams).map(([type, id]) => {
      expect(client.finished(id), type).toBe(true)
      return [type, client.text(id)]
    }),
  )
}

describe('exec over SPDY', () => {
  it('gives output, error output and the exit code', async () => {
    const { client, streams } = await begin('exec?command=fail&command=3&stdout=true&stderr=true', [
      'stdout',
      'stderr',
    ])
    const texts = await toTheEnd(client, streams)
    expect(texts).toMatchObject({ stdout: '', stderr: 'it failed\n' })
    expect(JSON.parse(texts.error ?? '')).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit code 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it('takes input until its stream is closed', async () => {
    const { client, streams } = await begin('exec?command=cat&stdin=true&stdout=true', [
      'stdin',
      'stdout',
    ])
    const { stdin = 0, stdout = 0 } = streams
    client.send(stdin, 'one\n')
    await client.until(() => client.text(stdout) === 'one\n')
    client.send(stdin, 'two\n', true)
    const texts = await toTheEnd(client, streams)
    expect(texts.stdout).toBe('one\ntwo\n')
    expect(JSON.parse(texts.error ?? '')).toEqual({ metadata: {}, status: 'Success' })
  })

  it('keeps input that comes before every stream is there', async () => {
    const client = await openSpdy(
      address,
      `${PODS}/web/exec?command=cat&stdin=true&stdout=true`,
      'v4.channel.k8s.io',
    )
    const stdin = await client.open({ streamtype: 'stdin' })
    client.send(stdin, 'early', true)
    const stdout = await client.open({ streamtype: 'stdout' })
    await client.open({ streamtype: 'error' })
    await client.until(() => client.finished(stdout))
    expect(client.text(stdout)).toBe('early')
    await client.end()
  })

  it('tells a terminal its size, in whatever pieces it comes', async () => {
    const { client, streams } = await begin('exec?command=size&stdin=true&stdout=true&tty=true', [
      'stdin',
      'stdout',
      'resize',
    ])
    const { stdin = 0, stdout = 0, resize = 0 } = streams
    client.send(resize, '{"Width":101,"Hei')
    client.send(resize, 'ght":33}\n{"Width":90,"Height":20}')
    client.send(stdin, 'x')
    await client.until(() => client.text(stdout) === '90x20\n')
    client.send(resize, 'not json } {"Width":-1,"Height":0}')
    client.send(resize, 'z'.repeat(5000))
    client.send(stdin, 'x')
    await client.until(() => client.text(stdout) === '90x20\n90x20\n')
    client.send(stdin, '', true)
    await toTheEnd(client, streams)
  })

  it('says what is wrong with the command in the words of the node, once', async () => {
    const { client, streams } = await begin('exec?command=nope&stdout=true', ['stdout'])
    const { error = '' } = await toTheEnd(client, streams)
    expect(JSON.parse(error).message).toMatch(
      /^Internal error occurred: error executing command in container: failed to exec in container: .*"nope": executable file not found/,
    )
  })

  it.each(['v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'])(
    'says an exit code in a sentence with %s',
    async (protocol) => {
      const { client, streams } = await begin(
        'exec?command=fail&command=3&stdout=true&stderr=true',
        ['stdout', 'stderr'],
        protocol,
      )
      expect((await toTheEnd(client, streams)).error).toBe(
        'command terminated with non-zero exit code: exit code 3',
      )
      const good = await begin('exec?command=echo&command=hi&stdout=true', ['stdout'], protocol)
      expect(await toTheEnd(good.client, good.streams)).toEqual({ error: '', stdout: 'hi\n' })
    },
  )

  it('attaches', async () => {
    const { client, streams } = await begin('attach?stdout=true', ['stdout'])
    await client.until(() => client.text(streams.stdout ?? 0) === 'attached to main\n')
    await client.end()
  })

  it('takes a program that prints much, without a word lost', async () => {
    const { client, streams } = await begin('exec?command=cat&stdin=true&stdout=true', [
      'stdin',
      'stdout',
    ])
    const much = Buffer.alloc(4_000_000, 'abcdefg')
    client.send(streams.stdin ?? 0, much, true)
    await client.until(() => client.finished(streams.stdout ?? 0))
    expect(client.bytes(streams.stdout ?? 0).equals(much)).toBe(true)
    await toTheEnd(client, streams)
  })

  it('ends the session of a client that opens too few streams', async () => {
    const impatient = await cluster.listen({ limits: { streamsMs: 50 } })
    const client = await openSpdy(
      impatient,
      `${PODS}/web/exec?command=cat&stdin=true&stdout=true`,
      'v4.channel.k8s.io',
    )
    await client.open({ streamtype: 'error' })
    await client.open({ streamtype: 'error' })
    await client.open({ streamtype: 'nonsense' })
    await client.until(() => client.frames.some(({ type }) => type === 7))
    await client.end()
    await impatient.close()
  })
})

describe('an upgrade to SPDY', () => {
  it('takes the first protocol of the client that the server has', async () => {
    const answer = await askForSpdy(address, `${PODS}/web/exec?command=cat&stdin=true`, [
      'v9.channel.k8s.io',
      'v3.channel.k8s.io',
      'v4.channel.k8s.io',
    ])
    expect(answer).toMatchObject({ protocol: 'v3.channel.k8s.io' })
    if ('client' in answer) await answer.client.end()
  })

  it('is refused where there is none, with what the server has', async () => {
    const path = `${PODS}/web/exec?command=cat&stdin=true`
    expect(await askForSpdy(address, path, ['v9', 'v8'])).toMatchObject({
      status: 403,
      headers: {
        'x-accepted-stream-protocol-versions':
          'v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io',
      },
      body: 'unable to upgrade: unable to negotiate protocol: client supports [v9 v8], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]',
    })
    expect(await askForSpdy(address, path, [])).toMatchObject({
      status: 400,
      body: 'unable to upgrade: X-Stream-Protocol-Version is required',
    })
  })

  it('is refused with a Status where the request is wrong, and in the words of the node where nothing runs', async () => {
    const wrong = await askForSpdy(
      address,
      `${PODS}/web/exec?container=nope&command=cat&stdin=true`,
      ['v4.channel.k8s.io'],
    )
    expect(wrong).toMatchObject({ status: 400 })
    expect('body' in wrong && JSON.parse(wrong.body).message).toBe(
      'container nope is not valid for pod web',
    )
    expect(
      await askForSpdy(address, `${PODS}/done/exec?command=cat&stdin=true`, ['v4.channel.k8s.io']),
    ).toMatchObject({ status: 500, body: 'container not found ("main")' })
  })

  it('needs an upgrade that the server knows', async () => {
    const { body } = await cluster.send('POST', `${PODS}/web/exec?command=sh&stdout=true`, '', {
      upgrade: 'h2c',
    })
    expect(body).toMatchObject({
      code: 400,
      message: 'unable to upgrade: exec goes on over websocket or SPDY/3.1, not over h2c',
    })
  })
})
