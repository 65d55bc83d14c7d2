import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { AuditError } from '../../src/errors.ts'
import { formatErased } from '../../src/event/index.ts'
import { verifyStore } from '../../src/evidence/index.ts'
import { emptyRoot, encodeBase64 } from '../../src/log/index.ts'
import { tries } from '../effort.ts'
import { Bench } from './helpers.ts'

const failed = (report: Awaited<ReturnType<typeof verifyStore>>): unknown[] => report.checks.filter(({ ok }) => !ok)

describe('a store on SQLite', () => {
  it('verifies with the key of its signer, every log of it', async () => {
    const data = temporaryDirectory()
    const audit = createAudit({ data, origin: 'sqlite.example' })
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => audit.record('case.update', { target: `case/c_${n}`, details: { n } })),
    )
    await audit.record('user.login', { tenant: 'lind', actor: 'user/u_1', outcome: 'denied' })
    await audit.system.record('import.run', { details: { rows: 3 } })
    await audit.publish()
    const { store, signer } = await audit.opened()
    const report = await verifyStore(store, { key: signer!.vkey, signerStates: await signer!.states() })
    expect(failed(report)).toEqual([])
    expect(report.verdict).toBe('verified')
    // The meta log begins with the first tick, which may have been or not.
    const sizes = report.logs.filter(({ tenant }) => tenant !== '_meta').map(({ tenant, size }) => `${tenant} ${size}`)
    expect(sizes.sort()).toEqual(['_system 4', 'default 300', 'lind 1'])
    await audit.close()
  })

  it('verifies while it is written to: events, erasures, new tenants, checkpoints', async () => {
    const audit = createAudit({ data: temporaryDirectory(), origin: 'busy.example' })
    const { store, signer } = await audit.opened()
    let running = true
    let [erased, published] = [0, 0]
    const write = (async () => {
      for (let n = 0; running; n++) {
        const acks = await Promise.all(
          Array.from({ length: 60 }, (_, i) => audit.record('case.update', { tenant: `t_${i % 3}`, details: { n } })),
        )
        await audit.record('case.create', { tenant: `t_${n % 40}` })
        const { tenant, index } = acks[0]!
        const items = [{ index: index!, groups: ['actor', 'details'] as const }]
        const event = { id: `erase-${n}`, tenant, action: 'audit.erase', details: formatErased(items) }
        await store.eraseContent({ tenant, items, submission: JSON.stringify(submission(event)) })
        erased++
        await audit.publish()
        published++
        if (n % 3 === 0) await store.appendMeta(1000)
      }
    })()
    while (published === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const verdicts: unknown[] = []
    for (let n = 0; n < tries(25, 8) || erased <= 5; n++) {
      const report = await verifyStore(store, { key: signer!.vkey, signerStates: await signer!.states() })
      verdicts.push([report.verdict, ...failed(report)])
    }
    running = false
    await write
    expect(verdicts).toEqual(Array.from(verdicts, () => ['verified']))
    expect(erased).toBeGreaterThan(5)
    await audit.close()
  })
})

describe('the verdict', () => {
  it('is not-checkable while nothing is stored, and while nothing is under a checkpoint', async () => {
    const bench = new Bench()
    expect(await verifyStore(bench.store, { key: bench.key })).toMatchObject({ verdict: 'not-checkable', logs: [] })
    await bench.append(3)
    const report = await verifyStore(bench.store, { key: bench.key })
    expect(report.verdict).toBe('not-checkable')
    expect(report.notChecked).toContain('not under a checkpoint yet: acme from index 0, _system from index 0')
  })

  it('is at best not-checkable without a pinned key, whatever the key of the store says', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    for (const options of [{}, { ownKey: bench.key }]) {
      const report = await verifyStore(bench.store, options)
      expect(report.verdict).toBe('not-checkable')
      expect(report.notChecked).toEqual(['signer not pinned', 'rollback'])
      expect(report.logs.map(({ verdict }) => verdict)).toEqual(['not-checkable', 'not-checkable', 'not-checkable'])
    }
  })

  it('is not-checkable with the key of another store', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const report = await verifyStore(bench.store, { key: bench.keyOf('other.example') })
    expect(report.verdict).toBe('not-checkable')
    expect(report.notChecked.join('\n')).toContain('the pinned key is that of other.example')
    expect(report.checks.map(({ name }) => name)).not.toContain('checkpoints')
  })

  it('is tampered with another key under the name of the store, pinned or its own', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const impostor = new Bench().key
    for (const options of [{ key: impostor }, { ownKey: impostor }])
      expect(await verifyStore(bench.store, options)).toMatchObject({ verdict: 'tampered' })
  })

  it('with the key of one log is good for that log, and for no other', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.append(3, 'lind')
    await bench.publish()
    const { origin } = (await bench.store.headOf('lind'))!
    const all = await verifyStore(bench.store, { key: bench.keyOf(origin) })
    expect(all.verdict).toBe('not-checkable')
    expect(all.logs.filter(({ verdict }) => verdict === 'verified').map(({ tenant }) => tenant)).toEqual(['lind'])
    const one = await verifyStore(bench.store, { key: bench.keyOf(origin), tenant: 'lind' })
    expect(one.verdict).toBe('verified')
    expect(one.notChecked.join('\n')).toContain('signatures of _system, _meta')
  })

  it('of one tenant looks at its log, and at what _system and _meta say of it', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.append(2, 'lind')
    await bench.publish()
    const report = await verifyStore(bench.store, { key: bench.key, tenant: 'lind' })
    expect(report).toMatchObject({ verdict: 'verified', notChecked: ['rollback'] })
    expect(report.logs.map(({ tenant }) => tenant)).toEqual(['_system', 'lind', '_meta'])
    await expect(verifyStore(bench.store, { key: bench.key, tenant: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('stays good for what is signed while a tail and a new tenant are not, which are named', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    await bench.append(2)
    await bench.append(1, 'new')
    const report = await verifyStore(bench.store, { key: bench.key })
    expect(report).toMatchObject({
      verdict: 'verified',
      notChecked: [
        'rollback',
        'not under a checkpoint yet: acme from index 3, _system from index 2, new from index 0',
        'words in the search index, not built yet: the newest 2 entries of acme, the newest 1 entries of _system, the newest 1 entries of new',
      ],
    })
    expect(report.logs.find(({ tenant }) => tenant === 'new')).toMatchObject({ verdict: 'not-checkable', size: 1 })
    expect(report.logs.find(({ tenant }) => tenant === 'acme')).toMatchObject({ verdict: 'verified', size: 3 })
  })

  it('is not-checkable for a log that began under a checkpoint and has none itself', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.append(2, 'lind')
    const logs = await bench.store.unpublished(0, 10)
    for (const log of logs)
      if (log.origin !== (await bench.store.headOf('lind'))!.origin)
        await bench.store.publish([await bench.signer.publicationOf(log)])
    expect(await verifyStore(bench.store, { key: bench.key })).toMatchObject({ verdict: 'not-checkable' })
  })
})

describe('an earlier checkpoint', () => {
  it('of an empty log is extended by every log', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const { origin } = (await bench.store.headOf('acme'))!
    const note = (await bench.signer.publicationOf({ origin, size: 0, root: emptyRoot() } as never)).note
    expect(await verifyStore(bench.store, { key: bench.key, since: [note] })).toMatchObject({ verdict: 'verified' })
  })

  it('that the key has not signed is not believed', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const { origin } = (await bench.store.headOf('acme'))!
    const note = (await new Bench().signer.publicationOf({ origin, size: 9, root: emptyRoot() } as never)).note
    const report = await verifyStore(bench.store, { key: bench.key, since: [note] })
    expect(report.verdict).toBe('not-checkable')
    expect(report.notChecked.join('\n')).toContain(`the earlier checkpoint of ${origin}`)
  })

  it('of another store accuses nobody, and is not passed over either', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const foreign = { origin: 'another.example/0000000000000000', size: 9, root: emptyRoot() }
    const note = (await new Bench().signer.publicationOf(foreign as never)).note
    const report = await verifyStore(bench.store, { key: bench.key, since: [note] })
    expect(report.verdict).toBe('not-checkable')
    expect(report.notChecked.join('\n')).toContain('another.example')
  })

  it('of a log that is gone is tampering', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const note = (
      await bench.signer.publicationOf({
        origin: 'verify.example/0000000000000000',
        size: 1,
        root: emptyRoot(),
      } as never)
    ).note
    expect(await verifyStore(bench.store, { key: bench.key, since: [note] })).toMatchObject({ verdict: 'tampered' })
  })

  it('that is none at all is refused', async () => {
    const bench = new Bench()
    await expect(verifyStore(bench.store, { key: bench.key, since: ['hello\n'] })).rejects.toMatchObject({
      code: 'note_malformed',
    })
  })
})

describe('the report', () => {
  it('names the root and the size of the newest checkpoint, as the entries give them', async () => {
    const bench = new Bench()
    await bench.append(257)
    await bench.publish()
    const { size, root } = (await bench.store.headOf('acme'))!
    await bench.append(5)
    const report = await verifyStore(bench.store, { key: bench.key })
    expect(report.logs.find(({ tenant }) => tenant === 'acme')).toMatchObject({ size, root: encodeBase64(root) })
  })

  it('counts what was checked, erasures too', async () => {
    const bench = new Bench()
    await bench.append(5)
    await bench.erase([{ index: 1, groups: ['actor', 'changes'] }])
    await bench.erase([{ index: 1, groups: ['actor', 'target', 'context', 'changes', 'details'] }])
    await bench.publish()
    const report = await verifyStore(bench.store, { key: bench.key })
    expect(report.verdict).toBe('verified')
    expect(report.checks.find(({ name }) => name === 'erasures')).toMatchObject({
      ok: true,
      detail: '5 groups erased, each by a recorded event',
    })
  })

  it('tells how far it is', async () => {
    const bench = new Bench()
    await bench.append(2_500)
    await bench.publish()
    const seen: number[] = []
    await verifyStore(bench.store, { key: bench.key, onProgress: (done, total) => void seen.push(done / total) })
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  it('is not made of a store that cannot be read', async () => {
    const bench = new Bench()
    await bench.append(1)
    await bench.store.close()
    await expect(verifyStore(bench.store, { key: bench.key })).rejects.toBeInstanceOf(AuditError)
    await expect(verifyStore(bench.store, { key: 'no key' })).rejects.toMatchObject({ code: 'key_malformed' })
  })

  it('is not troubled by an application that records an audit.erase of its own', async () => {
    const bench = new Bench()
    await bench.append(3)
    const event = bench.events.make({ action: 'audit.erase', details: formatErased([{ index: 0, groups: ['actor'] }]) })
    await bench.store.append([JSON.stringify(event)])
    await bench.publish()
    expect(await verifyStore(bench.store, { key: bench.key })).toMatchObject({ verdict: 'verified' })
  })
})

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'auditproof-verify-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function submission(input: { id: string; tenant: string; action: string; details: object }): object {
  return {
    ...input,
    occurredAt: '2026-01-01T00:00:00Z',
    timed: true,
    outcome: 'success',
    severity: 'info',
    actor: { type: 'system' },
    targets: [],
    producer: { id: 'test', boot: 'test', n: 0 },
    origin: { kind: 'direct' },
  }
}
