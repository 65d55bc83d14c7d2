/** Live streams as a load: who is slow, how many there may be, and when they end. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { problemOf } from '../../src/http/problem.ts'
import { jsonOf } from './app.ts'
import { bearer, key, LiveClient, startServer, temporaryData } from './served.ts'
import { connected, liveSuite, numbered } from './live-suite.ts'

const { data, ends, follow } = liveSuite()

test('a client that takes nothing costs a few writes, and delays nobody', async () => {
  const own = temporaryData()
  const server = await startServer(own.data)
  ends.push(own.remove, () => server.stop())
  const { port } = new URL(server.url)
  const paused = connect(Number(port), '127.0.0.1')
  paused.on('error', () => {})
  ends.push(() => paused.destroy())
  await once(paused, 'connect')
  paused.write(`GET /api/v1/live?tenant=big HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\n\r\n`)
  await once(paused, 'readable')
  paused.pause()
  const client = await follow('tenant=big', bearer, server)
  await client.until(connected)

  const { followers } = await server.audit.opened()
  const total = 20_000
  const details = { text: 'x'.repeat(300) }
  for (let from = 0; from < total; from += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        server.audit.record('live.item', { id: `b${from + i}`, tenant: 'big', details }),
      ),
    )
  }
  await client.until(({ events }) => events.length === total, 30_000)
  expect(client.ids).toEqual(numbered('b', total))
  // After a while without being read it follows no longer: there is its cursor, and one write.
  for (let waited = 0; followers.count > 1 && waited < 50; waited++) await sleep(100)
  expect(followers.count).toBe(1)
  const handles = (process as unknown as { _getActiveHandles(): { writableLength?: number; remotePort?: number }[] })
    ._getActiveHandles()
    .filter(({ remotePort }) => remotePort === paused.localPort)
  expect(handles).toHaveLength(1)
  expect(handles[0]!.writableLength).toBeLessThan(1_048_576)

  // Taking up again, it gets all of it, from the store.
  let text = ''
  paused.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  paused.resume()
  for (let waited = 0; !text.includes(`"b${total - 1}"`) && waited < 300; waited++) await sleep(100)
  expect(text.match(/^event: audit$/gm)).toHaveLength(total)
})

test('a stream ends with its session: at its time, and when somebody logs out', async () => {
  let offset = 0
  const server = await startServer(data, { now: () => Date.now() + offset })
  ends.push(() => server.stop())
  const logIn = async (): Promise<string> => {
    const response = await fetch(`${server.url}/login`, {
      method: 'POST',
      body: new URLSearchParams({ key }),
      redirect: 'manual',
    })
    return response.headers.get('set-cookie')!.split(';')[0]!
  }
  const [mine, other] = [await logIn(), await logIn()]
  const streams = await Promise.all([follow('', { cookie: mine }, server), follow('', { cookie: other }, server)])
  await Promise.all(streams.map((stream) => stream.until(connected)))
  await fetch(`${server.url}/logout`, { method: 'POST', headers: { cookie: mine }, redirect: 'manual' })
  await streams[0].until(({ isEnded }) => isEnded, 2_000)
  expect(streams[1].isEnded).toBe(false)
  const copied = await fetch(`${server.url}/api/v1/live`, { headers: { cookie: mine } })
  expect(copied.status).toBe(401)

  const until = Number(/=(\d+)\./.exec(other)![1])
  offset = until - Date.now() - 1_500
  const late = await follow('', { cookie: other }, server)
  await late.until(connected)
  await late.until(({ isEnded }) => isEnded, 5_000)
})

test('there are only so many streams of one key, and a place that is left is free', async () => {
  const server = await startServer(data, { liveLimits: { liveStreamsPerKeyMax: 2 } })
  ends.push(() => server.stop())
  const [first] = [await follow('', bearer, server), await follow('', bearer, server)]
  const third = await fetch(`${server.url}/api/v1/live`, { headers: bearer })
  expect([third.status, await jsonOf(third)]).toEqual([
    429,
    { error: expect.objectContaining({ code: 'too_many_streams' }) as object },
  ])
  first.close()
  for (let tries = 0; ; tries++) {
    const again = await LiveClient.open(`${server.url}/api/v1/live`).catch((error: Error) => error)
    if (again instanceof LiveClient) return again.close()
    if (tries === 50) throw again
    await sleep(50)
  }
})

test('a server that stops ends its streams and hangs on none', async () => {
  const server = await startServer(data)
  const client = await follow('', bearer, server)
  await client.until(connected)
  const began = performance.now()
  await server.server.close()
  await client.until(({ isEnded }) => isEnded, 1_000)
  expect(performance.now() - began).toBeLessThan(1_000)
  await server.audit.close()
})

test('a store that fails under way is told as a problem with an id, nothing else, and the stream ends', async () => {
  const own = temporaryData()
  const server = await startServer(own.data)
  ends.push(own.remove, () => server.stop())
  await server.audit.record('live.item', { tenant: 'failing' })
  const { store } = await server.audit.opened()
  const secret = 'SQLITE_IOERR at /var/lib/audit.db'
  store.entries = () => Promise.reject(new Error(secret))
  const client = await follow('tenant=failing&from=beginning', bearer, server)
  await client.until(({ isEnded }) => isEnded)
  const [problem] = client.events
  expect(problem).toMatchObject({
    event: 'problem',
    data: { error: { code: problemOf(new Error(secret)).body.error.code } },
  })
  expect(client.text).not.toContain('SQLITE')
  const { error } = problem!.data as { error: { id: string } }
  expect(server.failures.map(({ id }) => id)).toContain(error.id)
})
