import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createAudit, type Audit } from '../../src/index.ts'
import { readEvent } from '../../src/reader/index.ts'
import { memorySigner } from '../../src/sequencer/memory-signer.ts'
import type { Signer } from '../../src/sequencer/signer.ts'
import { MemoryData, memoryStore, type MemoryFaults } from '../../src/store/memory/index.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-audit-'))
let number = 0
const newDirectory = (): string => join(base, String(number++))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const inMemory = (faults: MemoryFaults = {}, name = `memory.example/${number++}`): Audit =>
  createAudit({ store: memoryStore({ name, faults }) })
const eventAt = async (audit: Audit, tenant: string, index: number) =>
  (await readEvent((await audit.opened()).store, { tenant, index })).event

describe('record()', () => {
  it('resolves with the place of the event in its log', async () => {
    await using audit = createAudit({ data: newDirectory(), origin: 'audit.example.org' })
    const ack = await audit.record('case.delete', { actor: 'user/u_7', target: 'case/c_12' })
    expect(ack).toMatchObject({ tenant: 'default', state: 'stored', index: 0 })
    expect(ack.log).toMatch(/^audit\.example\.org\/[0-9a-f]{16}$/)
    expect(ack.leafHash).toMatch(/^[0-9a-f]{64}$/)
    expect(await audit.record('case.delete', { id: ack.id, actor: 'user/u_7', target: 'case/c_12' })).toEqual({
      ...ack,
      duplicate: true,
    })
  })

  it('holds the event as it was in the call, whatever happens to the objects afterwards', async () => {
    await using audit = inMemory()
    const details = { list: [1] }
    const recorded = audit.record('case.note', { details })
    details.list.push(2)
    await recorded
    expect((await eventAt(audit, 'default', 0)).details).toEqual({ list: [1] })
  })

  it('never throws into the caller and never blocks it, whatever it is given', async () => {
    await using audit = inMemory()
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const deep: Record<string, unknown> = {}
    let level = deep
    for (let i = 0; i < 100_000; i++) level = level['a'] = {} as Record<string, unknown>
    const throwing = { get secret(): never { throw new Error('no') } } // prettier-ignore
    const hostile = [cycle, deep, throwing, { big: 'x'.repeat(10_000_000) }, { n: 10n }, new Proxy({}, { ownKeys: () => { throw new Error('no') } })] // prettier-ignore
    for (const details of hostile) {
      const began = performance.now()
      const recorded = audit.record('case.note', { details })
      // Generous, since tests share the machine: it is 30 ms for ten million characters.
      expect(performance.now() - began).toBeLessThan(1_000)
      expect((await recorded).state).toBe('stored')
    }
    for (const [action, event] of [
      [null, null],
      [{}, 7],
      ['', []],
      ['a b', 'x'],
      [Symbol('s'), undefined],
    ])
      // prettier-ignore
      expect((await audit.record(action as string, event as object)).state).toBe('stored')
  })

  it('balances its numbers: offered = stored + rejected + waiting', async () => {
    const faults: MemoryFaults = {}
    const audit = inMemory(faults)
    await audit.record('a.b')
    faults.failNext = 'disk_full'
    await expect(audit.record('a.b')).rejects.toMatchObject({ code: 'disk_full' })
    expect(audit.health()).toMatchObject({ status: 'failing', offered: 2, stored: 1, rejected: 1, waiting: 0 })
    const waiting = audit.record('a.b')
    expect(audit.health()).toMatchObject({ waiting: 1 })
    await waiting
    expect(audit.health()).toMatchObject({ status: 'ok', offered: 3, stored: 2, rejected: 1, waiting: 0 })
    await audit.close()
  })

  it('rejects an id that stands for other content, and records the attempt', async () => {
    await using audit = inMemory()
    await audit.record('case.note', { id: 'n-1', details: { text: 'one' } })
    await expect(audit.record('case.note', { id: 'n-1', details: { text: 'two' } })).rejects.toMatchObject({
      code: 'id_conflict',
    })
    expect(await eventAt(audit, 'default', 1)).toMatchObject({
      action: 'audit.conflict',
      targets: [{ type: 'event', id: 'n-1' }],
    })
  })
})

describe('context', () => {
  it('comes from run and with, and what the event says wins', async () => {
    await using audit = inMemory()
    await audit.run({ tenant: 'acme', actor: 'user/u_1', context: { ip: '192.0.2.1' } }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await audit.record('case.read', { context: { requestId: 'r1' } })
      await audit.run({ actor: 'user/u_2' }, () =>
        audit.with({ scope: ['client/k_1'] }).record('case.update', { tenant: 'other' }),
      )
    })
    expect(await eventAt(audit, 'acme', 0)).toMatchObject({
      actor: { id: 'u_1' },
      context: { ip: '192.0.2.1', requestId: 'r1' },
    })
    expect(await eventAt(audit, 'other', 0)).toMatchObject({
      actor: { id: 'u_2' },
      context: { ip: '192.0.2.1' },
      scope: [{ type: 'client', id: 'k_1' }],
    })
    expect(await audit.record('case.read')).toMatchObject({ tenant: 'default' })
  })

  it('counts producers per tenant, so that a missing event shows', async () => {
    await using audit = inMemory()
    for (const tenant of ['a', 'b', 'a']) await audit.record('x.y', { tenant })
    expect((await eventAt(audit, 'a', 1)).producer?.n).toBe(1)
    expect((await eventAt(audit, 'b', 0)).producer?.n).toBe(0)
  })
})

describe('an event without a tenant', () => {
  it('goes to the default, to _unassigned where there is none, or is rejected where one is required', async () => {
    await using one = inMemory()
    expect(await one.record('a.b')).toMatchObject({ tenant: 'default' })
    expect(await one.record('a.b', { tenant: '_system' })).toMatchObject({ tenant: '_unassigned' })
    await using many = createAudit({ store: memoryStore({ name: 'many.example' }), tenant: null })
    expect(await many.record('a.b')).toMatchObject({ tenant: '_unassigned' })
    expect(many.health().flags).toMatchObject({ 'no-tenant': 1 })
    await using strict = createAudit({
      store: memoryStore({ name: 'strict.example' }),
      tenant: null,
      tenantRequired: true,
    })
    await expect(strict.record('a.b')).rejects.toMatchObject({ code: 'tenant_required' })
  })
})

describe('close()', () => {
  it('answers what was accepted, rejects what comes later, and may be called twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5 }), async (before, later) => {
        const audit = inMemory()
        const accepted = Array.from({ length: before }, () => audit.record('a.b'))
        const closing = audit.close()
        const rejected = Array.from({ length: later }, () => audit.record('a.b'))
        expect(await closing).toEqual(await audit.close())
        expect((await Promise.all(accepted)).every(({ state }) => state === 'stored')).toBe(true)
        for (const one of rejected) await expect(one).rejects.toMatchObject({ code: 'closed' })
        expect(await closing).toMatchObject({ stored: before, unanswered: 0 })
      }),
      { numRuns: 50 },
    )
  })

  it('puts a signed checkpoint over all that is stored, the meta log too', async () => {
    const data = newDirectory()
    const audit = createAudit({ data })
    await audit.record('a.b')
    await audit.close()
    await using again = createAudit({ data })
    const heads = await (await again.opened()).store.heads()
    expect(heads.map(({ tenant, size, published }) => [tenant, size === published?.size])).toEqual([['default', true], ['_system', true], ['_meta', true]]) // prettier-ignore
  })
})

describe('a store that is an older copy', () => {
  it('is refused: appending to it would fork history', async () => {
    const data = newDirectory()
    const first = createAudit({ data })
    await first.record('a.b')
    await first.close()
    cpSync(join(data, 'audit.db'), join(base, 'older.db'))
    const second = createAudit({ data })
    await second.record('a.b')
    await second.close()
    cpSync(join(base, 'older.db'), join(data, 'audit.db'))
    for (const ending of ['-wal', '-shm']) rmSync(join(data, `audit.db${ending}`), { force: true })
    const third = createAudit({ data })
    await expect(third.record('a.b')).rejects.toMatchObject({ code: 'store_rolled_back' })
    expect(third.health()).toMatchObject({ status: 'failing' })
    await third.close()
  })
})

describe('opening', () => {
  const setUp = (): { data: MemoryData; signer: Signer } => {
    const name = `opening.example/${number++}`
    return { data: new MemoryData(name), signer: memorySigner(name) }
  }

  it('raises no false alarm when another process records and signs meanwhile', async () => {
    const { data, signer } = setUp()
    const other = createAudit({ store: memoryStore({ name: data.name, data }), signer })
    const states = async (): ReturnType<Signer['states']> => {
      await other.record('a.b')
      await other.publish()
      return signer.states()
    }
    const audit = createAudit({ store: memoryStore({ name: data.name, data }), signer: { ...signer, states } })
    expect(await audit.record('a.b')).toMatchObject({ index: 1 })
    await Promise.all([audit.close(), other.close()])
  })

  it('leaves a given signer open when it fails, and works with it when it is tried again', async () => {
    const { data, signer } = setUp()
    let closed = 0
    let away = true
    const close = async (): Promise<void> => void (closed += 1)
    const states = (): ReturnType<Signer['states']> => (away ? Promise.reject(new Error('away')) : signer.states())
    const audit = createAudit({ store: memoryStore({ name: data.name, data }), signer: { ...signer, states, close } })
    await expect(audit.record('a.b')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(closed).toBe(0)
    away = false
    await expect.poll(() => audit.record('a.b').then(({ state }) => state, () => 'rejected')).toBe('stored') // prettier-ignore
    await audit.close()
    expect(closed).toBe(1)
  })
})

describe('a store whose import key is lost', () => {
  it('derives no ids from another key, which would store everything twice', async () => {
    const data = newDirectory()
    const first = createAudit({ data })
    const { id } = await first.record('a.b', { id: 'an id with blanks' })
    await first.close()
    const second = createAudit({ data })
    expect((await second.record('a.b', { id: 'an id with blanks' })).id).toBe(id)
    await second.close()
    rmSync(join(data, 'import.key'))
    const third = createAudit({ data })
    await expect(third.record('a.b', { id: 'an id with blanks' })).rejects.toMatchObject({ code: 'key_missing' })
    await third.close()
  })
})

it('refuses a name that is not that of the store, and records nothing in it', async () => {
  const data = newDirectory()
  const first = createAudit({ data, origin: 'one.example' })
  await first.record('a.b')
  await first.close()
  const second = createAudit({ data, origin: 'two.example' })
  await expect(second.record('a.b')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('one.example') }) // prettier-ignore
  await second.close()
  await using third = createAudit({ data, origin: 'one.example' })
  expect(await third.record('a.b')).toMatchObject({ index: 1 })
})

it('says what is wrong with options that have no meaning', () => {
  for (const options of [{ tenant: '_x' }, { tenant: '' }, { origin: 'with blank' }, { producer: 'ü' }])
    expect(() => createAudit(options), JSON.stringify(options)).toThrow(expect.objectContaining({ code: 'usage' }))
})
