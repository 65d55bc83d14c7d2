import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import { createAudit, type Audit } from '../../src/index.ts'
import { openKey } from '../../src/sequencer/key-file.ts'
import { threadLimits } from '../../src/thread/limits.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-threads-'))
let number = 0
let data = ''
const workers: { name: string; worker: Worker }[] = []
const seen = (worker: Worker): number => workers.push({ name: worker.threadName!, worker })
beforeEach(() => {
  data = join(base, String(number++))
  workers.length = 0
  process.on('worker', seen)
})
afterEach(() => void process.off('worker', seen))
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Ends a thread where it stands, as running out of memory does. */
async function kill(thread: 'writer' | 'reader' | 'signer'): Promise<void> {
  await workers.findLast(({ name }) => name === `auditproof-${thread}`)!.worker.terminate()
}
const started = (thread: string): number => workers.filter(({ name }) => name === `auditproof-${thread}`).length

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const restartable = (): Promise<void> => pause(threadLimits.restartIntervalMs)

async function opened(): Promise<Audit> {
  const audit = createAudit({ data, origin: 'threads.example' })
  await audit.record('case.open')
  await audit.publish()
  await restartable()
  return audit
}

describe('a thread that dies', () => {
  for (const thread of ['writer', 'reader', 'signer'] as const)
    it(`the ${thread}: is told by health(), and another takes its place`, async () => {
      await using audit = await opened()
      expect(audit.health()).toMatchObject({ status: 'ok' })
      await kill(thread)
      expect(audit.health()).toMatchObject({ status: 'degraded' })
      expect(audit.health().problems.join()).toContain(`auditproof-${thread} thread has died`)
      await audit.record('case.close')
      await audit.publish()
      expect(audit.health()).toMatchObject({ status: 'ok', problems: [] })
      expect(started(thread)).toBe(2)
      const heads = await (await audit.opened()).store.heads()
      expect(heads.find(({ tenant }) => tenant === 'default')).toMatchObject({ size: 2, published: { size: 2 } })
    })

  it('ends what was being written with outcome_unknown, and what was being read with store_unavailable', async () => {
    await using audit = await opened()
    const { store } = await audit.opened()
    const settled = Promise.all([
      Promise.allSettled(Array.from({ length: 500 }, () => store.appendMeta(1))),
      Promise.allSettled(Array.from({ length: 500 }, () => store.heads())),
    ])
    await Promise.all([kill('writer'), kill('reader')])
    const [writes, reads] = await settled
    expect(writes.at(-1)).toMatchObject({ reason: { code: 'outcome_unknown' } })
    expect(reads.at(-1)).toMatchObject({ reason: { code: 'store_unavailable' } })
  })

  it('loses nothing acknowledged, however often it is killed; the ids settle what was under way', async () => {
    const audit = createAudit({ data, origin: 'threads.example' })
    await audit.ready()
    const acks = new Map<string, number>()
    const codes = new Set<string>()
    let ids = 0
    let stop = false
    const caller = async (): Promise<void> => {
      while (!stop) {
        const id = `k-${ids++}`
        while (!acks.has(id))
          try {
            acks.set(id, (await audit.record('case.update', { id, actor: 'user/u_7' })).index!)
          } catch (error) {
            codes.add((error as { code: string }).code)
            await pause(20)
          }
      }
    }
    const callers = Array.from({ length: 16 }, caller)
    for (let round = 0; round < 12; round++) {
      await pause(100 + 37 * round)
      await kill(round % 3 === 2 ? 'reader' : 'writer')
    }
    stop = true
    await Promise.all(callers)
    expect(await audit.close()).toMatchObject({ unanswered: 0 })
    expect(codes).toContain('outcome_unknown')
    expect(started('writer')).toBeGreaterThan(4)

    await using again = createAudit({ data })
    const { store } = await again.opened()
    expect(acks.size).toBe(ids)
    expect(new Set(acks.values()).size).toBe(ids)
    for (const [id, index] of acks) expect(await store.find(id)).toMatchObject([{ index }])
    expect(await verifyStore(store, { key: openKey(data, undefined).vkey })).toMatchObject({ verdict: 'verified' })
  })

  it('is started once in a while, however many calls need it', async () => {
    await using audit = await opened()
    const { store } = await audit.opened()
    const path = join(data, 'audit.db')
    for (const ending of ['', '-wal', '-shm']) renameSync(`${path}${ending}`, `${path}${ending}.away`)
    await kill('writer')
    const codes = new Set<string>()
    const until = performance.now() + 2 * threadLimits.restartIntervalMs
    while (performance.now() < until) {
      await store.appendMeta(1).catch((error: { code: string }) => codes.add(error.code))
      await pause(1)
    }
    expect([...codes]).toEqual(['store_unavailable'])
    expect(started('writer')).toBe(1)
    for (const ending of ['', '-wal', '-shm']) renameSync(`${path}${ending}.away`, `${path}${ending}`)
    expect(await audit.record('case.close')).toMatchObject({ index: 1 })
  })
})
