/** The doors inside transactions of an SQLite file of the application, with both libraries. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { createAudit, type Ack, type Audit, type SqliteHandle } from '../../src/index.ts'
import { readEvent } from '../../src/reader/index.ts'
import { MemoryData, memoryStore, type MemoryFaults } from '../../src/store/memory/index.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-handles-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let number = 0

const libraries: [name: string, open: (path: string) => SqliteHandle & { close(): unknown }][] = [
  ['node:sqlite', (path) => new DatabaseSync(path)],
  ['node:sqlite with arrays and BigInt', (path) => new DatabaseSync(path, { returnArrays: true, readBigInts: true })],
  ['better-sqlite3', (path) => new Database(path)],
  ['better-sqlite3 with BigInt', (path) => new Database(path).defaultSafeIntegers()],
]

describe.each(libraries)('an SQLite handle of %s', (_, open) => {
  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  interface World {
    path: string
    handle: SqliteHandle & { close(): unknown }
    data: MemoryData
    faults: MemoryFaults
    audit: Audit
    changed: () => number
    left: () => number
    ids: () => Promise<string[]>
  }

  /** @param before what is there already */
  function world(before?: Pick<World, 'path' | 'data'>): World {
    const path = before?.path ?? join(base, `${number++}.db`)
    const data = before?.data ?? new MemoryData(`handles.example/${number++}`)
    const faults: MemoryFaults = {}
    const handle = open(path)
    handle.exec('CREATE TABLE IF NOT EXISTS matter (id TEXT PRIMARY KEY)')
    const audit = createAudit({ store: memoryStore({ name: data.name, data, faults }) })
    const count = (table: string): number => {
      const isThere = handle.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').all(table).length > 0
      return isThere ? handle.prepare(`SELECT 1 FROM ${table}`).all().length : 0
    }
    closing.push(async () => {
      await audit.close()
      if (!('isOpen' in handle) || handle.isOpen) handle.close()
    })
    return {
      path,
      handle,
      data,
      faults,
      audit,
      changed: () => count('matter'),
      left: () => count('auditproof_pending'),
      ids: async () => data.logOf('default')?.entries.map(({ id }) => id) ?? [],
    }
  }
  const change = (handle: SqliteHandle, id: string): unknown =>
    handle.prepare('INSERT INTO matter (id) VALUES (?)').run(id)

  it('gives an ack in the call, and an entry when the transaction has committed', async () => {
    const { handle, audit, left, ids } = world()
    handle.exec('BEGIN')
    change(handle, 'm1')
    const ack = audit.in(handle).with({ actor: 'user/u_7' }).record('matter.open', { target: 'matter/m1' })
    expect({ ...ack }).toEqual({ id: ack.id, tenant: 'default', state: 'in-transaction' })
    expect(left()).toBe(1)
    handle.exec('COMMIT')
    const { index, treeSize } = await ack.published()
    expect([index, treeSize]).toEqual([0, 1])
    expect(await ids()).toEqual([ack.id])
    const { event } = await readEvent((await audit.opened()).store, { tenant: 'default', index })
    expect(event).toMatchObject({ action: 'matter.open', actor: { id: 'u_7' }, origin: { kind: 'transaction' } })
    await vi.waitFor(() => expect(left()).toBe(0))
    expect(audit.health()).toMatchObject({ status: 'ok', offered: 0, inTransaction: 1, sequenced: 1, drainRejected: 0 })
  })

  it('copies nothing while the transaction is open, and nothing when it is rolled back', async () => {
    const { handle, audit, left, ids, changed } = world()
    audit.in(handle)
    handle.exec('BEGIN')
    change(handle, 'm1')
    const ack = audit.in(handle).record('matter.open')
    // Longer than a tick: mutant without the look at isInTransaction, and the entry is there.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await ids()).toEqual([])
    handle.exec('ROLLBACK')
    await expect(ack.published({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'not_published' })
    expect([await ids(), changed(), left()]).toEqual([[], 0, 0])
  })

  it('numbers its events with a counter of its own', async () => {
    const { handle, audit } = world()
    await audit.record('a.b')
    audit.transaction(handle, () => audit.in(handle).record('a.c'))
    await vi.waitFor(async () => expect((await audit.list()).events.length).toBe(2))
    const { store } = await audit.opened()
    const [direct, inside] = await Promise.all([0, 1].map((index) => readEvent(store, { tenant: 'default', index })))
    expect(inside?.event.producer).toMatchObject({ n: 0 })
    expect(inside?.event.producer?.boot).not.toBe(direct?.event.producer?.boot)
  })

  it('throws in the call where there is no transaction, so that none commits without its event', () => {
    const { handle, audit } = world()
    expect(() => audit.in(handle).record('matter.open')).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
  })

  it('throws in the call where the row cannot be written', () => {
    const { handle, audit } = world()
    audit.in(handle)
    handle.exec("CREATE TRIGGER no BEFORE INSERT ON auditproof_pending BEGIN SELECT raise(FAIL, 'no'); END; BEGIN")
    expect(() => audit.in(handle).record('a.b')).toThrow(
      expect.objectContaining({ code: 'transaction_failed' }) as Error,
    )
    handle.exec('ROLLBACK')
  })

  describe('audit.transaction', () => {
    it('commits and returns what the function returned; a plain record() joins, of other recorders too', async () => {
      const { handle, audit, changed, ids } = world()
      const acks: Promise<Ack>[] = []
      const trail = audit.with({ actor: 'user/u_7' })
      const result = audit.transaction(handle, (tx) => {
        change(tx, 'm1')
        acks.push(audit.record('matter.open'), trail.record('matter.read'))
        return 7
      })
      expect([result, changed()]).toEqual([7, 1])
      const [first, second] = await Promise.all(acks)
      expect([first?.state, second?.state]).toEqual(['in-transaction', 'in-transaction'])
      await Promise.all([first?.published(), second?.published()])
      expect(await ids()).toEqual([first?.id, second?.id])
    })

    it('rolls back on a throw, the event too', async () => {
      const { handle, audit, changed, left, ids } = world()
      const failing = (): never => {
        change(handle, 'm1')
        void audit.record('matter.open')
        throw new Error('no')
      }
      expect(() => audit.transaction(handle, failing)).toThrow('no')
      expect([changed(), left(), await ids()]).toEqual([0, 0, []])
    })

    it('does not commit where an event was not written, though nobody looked', () => {
      const { handle, audit, changed } = world()
      audit.in(handle)
      handle.exec("CREATE TRIGGER no BEFORE INSERT ON auditproof_pending BEGIN SELECT raise(FAIL, 'no'); END")
      // Mutant: without scope.fail in JoinedHandleRecorder it commits.
      const swallow = (): void => {
        change(handle, 'm1')
        audit.record('matter.open').catch(() => {})
      }
      expect(() => audit.transaction(handle, swallow)).toThrow(
        expect.objectContaining({ code: 'transaction_failed' }) as Error,
      )
      expect(changed()).toBe(0)
    })

    it('refuses an asynchronous function, before or after it has run, and rolls back', () => {
      const { handle, audit, changed } = world()
      const usage = expect.objectContaining({ code: 'usage' }) as Error
      expect(() => audit.transaction(handle, async () => change(handle, 'm1'))).toThrow(usage)
      const hidden = (): Promise<unknown> => {
        change(handle, 'm2')
        return Promise.reject(new Error('later'))
      }
      expect(() => audit.transaction(handle, hidden)).toThrow(usage)
      expect(changed()).toBe(0)
    })

    it('inside another on the same handle is part of that one, which cannot commit half', () => {
      const { handle, audit, changed } = world()
      audit.transaction(handle, () => {
        change(handle, 'm1')
        audit.transaction(handle, () => change(handle, 'm2'))
      })
      expect(changed()).toBe(2)
      const half = (): void => {
        change(handle, 'm3')
        try {
          audit.transaction(handle, () => {
            change(handle, 'm4')
            throw new Error('inner')
          })
        } catch {}
      }
      expect(() => audit.transaction(handle, half)).toThrow(
        expect.objectContaining({ code: 'transaction_failed', cause: expect.any(Error) as Error }) as Error,
      )
      expect(changed()).toBe(2)
    })

    it('refuses a handle that is in a transaction already, and one that its function ended', () => {
      const { handle, audit } = world()
      handle.exec('BEGIN')
      expect(() => audit.transaction(handle, () => 0)).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
      handle.exec('ROLLBACK')
      expect(() => audit.transaction(handle, () => handle.exec('COMMIT'))).toThrow('was ended inside')
    })

    it('takes no event that comes after its end: that goes to the store directly', async () => {
      const { handle, audit } = world()
      let late!: () => Promise<Ack>
      audit.transaction(handle, () => {
        const turn = new Promise((resolve) => setTimeout(resolve, 1))
        late = async () => turn.then(() => audit.record('late.event'))
        void late().then((ack) => expect(ack.state).toBe('stored'))
      })
      handle.exec('BEGIN') // a transaction that the event has nothing to do with
      expect(await late()).toMatchObject({ state: 'stored' })
      handle.exec('ROLLBACK')
    })

    it('leaves audit.system alone', async () => {
      const { handle, audit } = world()
      const ack = audit.transaction(handle, () => ({ system: audit.system.record('a.b') }))
      expect(await ack.system).toMatchObject({ state: 'stored', tenant: '_system' })
    })

    it('has an entry for each change that committed, and no other, whatever happens in between', async () => {
      const step = fc.constantFrom('commit', 'throw', 'in, commit', 'in, rollback', 'turn', 'store away')
      const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { handle, audit, faults, data, left } = world()
        for (const [i, kind] of steps.entries()) {
          const event = { id: `e${i}` }
          if (kind === 'turn') await new Promise((resolve) => setTimeout(resolve, 1))
          else if (kind === 'store away')
            faults[i % 2 ? 'loseNextReply' : 'failNext'] = (i % 2 ? true : 'disk_full') as never
          else if (kind.startsWith('in')) {
            handle.exec('BEGIN')
            change(handle, `e${i}`)
            audit.in(handle).record('a.b', event)
            if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
            handle.exec(kind === 'in, commit' ? 'COMMIT' : 'ROLLBACK')
          } else
            try {
              audit.transaction(handle, () => {
                change(handle, `e${i}`)
                void audit.record('a.b', event)
                if (kind === 'throw') throw new Error('no')
              })
            } catch (error) {
              expect(error).toMatchObject({ message: 'no' })
            }
        }
        faults.failNext = undefined
        faults.loseNextReply = undefined
        await audit.attach(handle)
        const committed = handle
          .prepare('SELECT id FROM matter')
          .all()
          .map((row) => Object.values(row as object)[0] as string)
        expect(
          data
            .logOf('default')
            ?.entries.map(({ id }) => id)
            .toSorted() ?? [],
        ).toEqual(committed.toSorted())
        expect(left()).toBe(0)
        await audit.close()
        handle.close()
      })
      await fc.assert(property, { numRuns: 15 })
    })
  })

  describe('what is left in the file', () => {
    /** A process that was killed after its transaction had committed. */
    const killed = (count = 1): Pick<World, 'path' | 'data'> => {
      const { handle, audit, path, data } = world()
      audit.transaction(handle, () => {
        for (let i = 0; i < count; i++) void audit.record('matter.open', { id: `left-${i}` })
      })
      handle.close()
      return { path, data }
    }

    it('is in the log when attach() resolves, in order', async () => {
      const { audit, handle, ids, left } = world(killed(600))
      await audit.attach(handle)
      expect(await ids()).toEqual(Array.from({ length: 600 }, (_, i) => `left-${i}`))
      expect(left()).toBe(0)
    })

    it('is copied when the handle is first used', async () => {
      const { audit, handle, ids } = world(killed())
      audit.in(handle)
      await vi.waitFor(async () => expect(await ids()).toEqual(['left-0']))
    })

    it.each(['the process dies', 'only the reply is lost'])(
      'stands once in the log, when %s behind copying',
      async (what) => {
        const { handle, audit, faults, path, data, ids, left } = world()
        await audit.attach(handle)
        faults.loseNextReply = true // it is in the log, and nobody here hears of it
        audit.transaction(handle, (tx) => {
          void audit.record('matter.open', { id: 'left-0' })
          if (what === 'only the reply is lost')
            tx.exec("INSERT INTO auditproof_pending (tenant, submission) VALUES ('x', 'by hand, no submission')")
        })
        await vi.waitFor(() => expect(audit.health().status).not.toBe('ok'), { interval: 1 })
        // Mutant: deleting before appending, none is left here; new ids for what is no submission, and there are two below.
        expect(await ids()).toEqual(['left-0'])
        expect(left()).toBeGreaterThan(0)
        let next = { audit, handle, left }
        if (what === 'the process dies') {
          handle.close()
          next = world({ path, data })
        }
        await next.audit.attach(next.handle)
        expect(await ids()).toEqual(['left-0'])
        expect(data.logOf('_unassigned')?.entries.length ?? 0).toBe(what === 'only the reply is lost' ? 1 : 0)
        expect(next.left()).toBe(0)
      },
    )

    it('stays while the store refuses it, behind the others, and is told', async () => {
      const { audit, handle, faults, left, ids } = world(killed(3))
      faults.rejectId = 'left-0'
      await expect(audit.attach(handle)).rejects.toMatchObject({ code: 'store_rejected' })
      expect([await ids(), left()]).toEqual([['left-1', 'left-2'], 1])
      expect(audit.health()).toMatchObject({ status: 'degraded', sequenced: 2, drainRejected: 1 })
      faults.rejectId = undefined
      await audit.attach(handle)
      expect([left(), audit.health().status]).toEqual([0, 'ok'])
    })

    it('may pretend to be of the system, and does not get there', async () => {
      const { audit, handle, data } = world(killed())
      handle.exec(`UPDATE auditproof_pending SET submission = replace(submission, '"default"', '"_system"')`)
      await audit.attach(handle)
      expect(data.logOf('_unassigned')?.entries.length).toBe(1)
    })

    it('is copied by close(), which says what it could not', async () => {
      const { audit, handle, ids } = world()
      audit.transaction(handle, () => void audit.record('a.b', { id: 'last' }))
      handle.exec('BEGIN')
      audit.in(handle).record('a.c')
      expect(await audit.close()).toMatchObject({ unsequenced: expect.stringContaining('still open') as string })
      handle.exec('ROLLBACK')
      expect(await ids()).toEqual([])
      expect(() => audit.in(handle).record('a.d')).toThrow(expect.objectContaining({ code: 'closed' }) as Error)
    })
  })
})
