/** Ctrl-C, readers that go away, and a server that stops in order. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { bareEnv, main, Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const start = (...args: string[]): ReturnType<typeof spawn> =>
  spawn(process.execPath, ['--conditions=auditproof-source', main, ...args], {
    cwd: place.folder,
    env: bareEnv,
  })

test('Ctrl-C leaves at once with 130, and what was acknowledged is there', async () => {
  const child = start('record', '--file', '-')
  child.stdin!.write('{"id":"e1","action":"a.b"}\n') // and no end of input
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(130)
  expect((await place.here(['show', 'e1'])).code).toBe(0)
})

test('whoever stops reading acks does not stop the recording', async () => {
  const child = start('record', '--file', '-', '--data', 'unread')
  child.stdout!.destroy()
  child.stderr!.resume()
  const lines = Array.from({ length: 2_000 }, (_, i) => `{"id":"e${i}","action":"a.b"}`)
  child.stdin!.end(`${lines.join('\n')}\n`)
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(0)
  expect((await place.here(['log', '-n', 'all', '--data', 'unread'])).stdout.split('\n')).toHaveLength(2_001)
})

test('a verdict that nobody reads is in the exit code all the same', async () => {
  await place.here(['record', 'a.b', '--data', 'unheard'])
  const child = start('verify', '--data', 'unheard')
  child.stdout!.destroy()
  child.stderr!.resume()
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(3)
})

test('serve answers on a free port, and stops in order on SIGTERM', async () => {
  const child = start('serve', '--port', '0', '--data', 'served')
  let printed = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text))
  while (!printed.includes('-d ')) await once(child.stdout!, 'data')
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)![0]
  const key = readFileSync(place.path('served/admin.key'), 'utf8').trim()
  expect(printed).toContain('served/admin.key')
  expect(printed).toContain(`curl ${url}/api/v1/events`)
  expect(printed).not.toContain(key)

  const sent = await fetch(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"id":"h1","action":"hello.world","actor":"user/u_7"}',
  })
  expect(sent.status).toBe(201)
  const taken = await place.here(['serve', '--port', new URL(url).port, '--data', 'served'])
  expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('is in use')])

  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(0)
  const shown = await place.here(['show', 'h1', '--data', 'served', '-o', 'json'])
  expect(JSON.parse(shown.stdout)).toMatchObject({ id: 'h1', publishedSize: 1 })
})
