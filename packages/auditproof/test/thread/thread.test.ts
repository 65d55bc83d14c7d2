import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { AuditError } from '../../src/errors.ts'
import { threadLimits } from '../../src/thread/limits.ts'
import { Thread } from '../../src/thread/thread.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-thread-'))
const deadly = join(base, 'deadly')
let starts = 0
const count = (_worker: Worker): void => void (starts += 1)
beforeEach(() => {
  starts = 0
  rmSync(deadly, { force: true })
  process.on('worker', count)
})
afterEach(() => void process.off('worker', count))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const restartable = (): Promise<void> => pause(threadLimits.restartIntervalMs + 20)

async function mortal(): Promise<{ thread: Thread<string>; troubles: (string | undefined)[] }> {
  const troubles: (string | undefined)[] = []
  const thread = new Thread<string>({
    module: new URL('mortal.ts', import.meta.url),
    name: 'mortal',
    workerData: { deadly },
    whenEnded: (cause) => new AuditError('outcome_unknown', cause.message, { cause }),
    onTrouble: (trouble) => troubles.push(trouble?.message),
  })
  expect(await thread.open()).toBe('mortal')
  await restartable()
  return { thread, troubles }
}

it('a call under which the thread dies is rejected, and the next one has another thread, opened before', async () => {
  const { thread, troubles } = await mortal()
  const [died, queued] = await Promise.allSettled([thread.call('die'), thread.call('isOpen')])
  for (const one of [died, queued])
    expect(one).toMatchObject({ reason: { code: 'outcome_unknown', message: 'it ended with code 3' } })
  expect(await Promise.all([thread.call('isOpen'), thread.call('isOpen')])).toEqual([true, true])
  expect(starts).toBe(2)
  expect(troubles).toEqual(['The mortal thread has died (it ended with code 3).', undefined])
  await thread.close()
})

it('a thread that dies at its start is started once an interval, and gives its error meanwhile', async () => {
  const { thread } = await mortal()
  writeFileSync(deadly, '')
  await expect(thread.call('die')).rejects.toMatchObject({ code: 'outcome_unknown' })
  const until = performance.now() + 3 * threadLimits.restartIntervalMs
  let calls = 0
  while (performance.now() < until) {
    await expect(thread.call('isOpen')).rejects.toMatchObject({ code: 'store_unavailable', message: /code 4/ })
    calls += 1
    await pause(1)
  }
  expect(calls).toBeGreaterThan(20)
  expect(starts).toBeLessThanOrEqual(1 + 3)
  rmSync(deadly)
  await restartable()
  expect(await thread.call('isOpen')).toBe(true)
  await thread.close()
})

it('a thread that has died is closed already, and one that is closed is not started again', async () => {
  const { thread } = await mortal()
  await thread.call('die').catch(() => {})
  await thread.close()
  await expect(thread.call('isOpen')).rejects.toMatchObject({ code: 'closed' })
  expect(starts).toBe(1)
})
