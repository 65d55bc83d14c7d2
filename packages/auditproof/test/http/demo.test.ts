/** `npm run demo`: the history of this repository, served, and nothing left behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bareEnv } from '../cli/run.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const script = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url))

test.skipIf(!existsSync(`${root}/.git`))('the demo serves real commits behind a link that logs in once', async () => {
  const child = spawn(process.execPath, ['--conditions=auditproof-source', script], {
    env: bareEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('Ctrl-C')) {
    if (child.exitCode !== null) throw new Error(said)
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  }
  const link = /http:\/\/127\.0\.0\.1:\d+\/login\?once=[0-9a-f]{64}/.exec(said)![0]
  const folder = /removes (\S+)\.\n/.exec(said)![1]!
  expect(existsSync(folder)).toBe(true)

  const login = await fetch(link, { redirect: 'manual' })
  expect(login.status).toBe(303)
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(401)
  const page = await fetch(new URL('/', link), { headers: { cookie: login.headers.get('set-cookie')!.split(';')[0]! } })
  expect(await page.text()).toContain('commit.create')

  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(130)
  expect(existsSync(folder)).toBe(false)
})
