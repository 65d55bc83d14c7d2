import { decodeEntry, openDisclosures } from '../../event/index.ts'
import { encodeHex } from '../../log/index.ts'
import type { Claims } from '../harness.ts'
import { appendAll, expectSays, expectSoundLog, headOf, texts, wholeLog } from './whole-log.ts'

export function repeatClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim('gives the old place to the same event, and stores nothing', async ({ store, events }) => {
    const submitted = events.makeMany(3)
    const first = await appendAll(store, submitted)
    const again = await appendAll(store, submitted.toReversed())
    expect(again.map(({ index, duplicate }) => ({ index, duplicate }))).toEqual(
      [2, 1, 0].map((index) => ({ index, duplicate: true })),
    )
    expect(again.map(({ leafHash }) => encodeHex(leafHash))).toEqual(
      first.toReversed().map(({ leafHash }) => encodeHex(leafHash)),
    )
    expect((await headOf(store, 'acme')).size).toBe(3)
  })

  claim(
    'settles after an unknown outcome what was stored, also when opened anew',
    async ({ store, events, reopen }) => {
      const [known, lost] = [events.makeMany(2), events.makeMany(2)]
      await appendAll(store, known)
      await store.append(texts(lost)) // the reply of this one never arrives
      const settled = await appendAll(await reopen(), [...known, ...lost, events.make()])
      expect(settled.map(({ index, duplicate }) => ({ index, duplicate }))).toEqual(
        [0, 1, 2, 3, 4].map((index) => ({ index, duplicate: index < 4 })),
      )
    },
  )

  claim('finds a repetition within one batch', async ({ store, events }) => {
    const [one, other] = events.makeMany(2)
    const outcomes = await appendAll(store, [one!, other!, one!, one!])
    expect(outcomes.map(({ index, duplicate }) => ({ index, duplicate }))).toEqual([
      { index: 0, duplicate: false },
      { index: 1, duplicate: false },
      { index: 0, duplicate: true },
      { index: 0, duplicate: true },
    ])
  })

  claim('compares without producer and origin, and without a time that nobody gave', async ({ store, events }) => {
    const event = events.make()
    const delivered = {
      ...event,
      occurredAt: '2027-05-05T05:05:05Z',
      producer: { id: 'other', boot: 'fedcba9876543210', n: 99 },
      origin: { kind: 'spool' as const, flags: ['cut'] },
    }
    const [first, again] = await appendAll(store, [event, delivered])
    expect(again).toMatchObject({ index: first!.index, duplicate: true })
  })

  claim('holds the same id with another time that was given for a conflict', async ({ store, events }) => {
    const event = events.make({ occurredAt: '2026-01-01T00:00:00Z' })
    const outcomes = await store.append(texts([event, { ...event, occurredAt: '2026-01-01T00:00:01Z' }]))
    expect(outcomes).toMatchObject([{ state: 'stored' }, { state: 'rejected', code: 'id_conflict' }])
  })

  claim('rejects the same id with other content, and records the attempt', async ({ store, events }) => {
    const event = events.make()
    await appendAll(store, [event])
    const forged = { ...event, details: { forged: true } }
    const outcomes = await store.append(texts([forged, events.make()]))
    expect(outcomes).toMatchObject([
      { state: 'rejected', code: 'id_conflict' },
      { state: 'stored', index: 2 },
    ])
    const entries = await expectSoundLog(claims, store, 'acme')
    expectSays(claims, entries[0], event)
    const { action, outcome, digests } = decodeEntry(entries[1]!.entry)
    expect({ action, outcome }).toEqual({ action: 'audit.conflict', outcome: 'failure' })
    const { values } = openDisclosures(digests, entries[1]!.content!.disclosures)
    expect(values.target).toEqual({ targets: [{ type: 'event', id: event.id }] })
    expect(values.details?.details).toMatchObject({ attempted: { details: { forged: true }, actor: event.actor } })
  })

  claim('tells apart each member that makes content', async ({ store, events }) => {
    const event = events.make({ reason: 'x', scope: ['client/k_1'] })
    await appendAll(store, [event])
    const others = [
      { action: 'case.delete' },
      { outcome: 'failure' },
      { severity: 'critical' },
      { actor: { type: 'system' } },
      { targets: [] },
      { scope: undefined },
      { changes: undefined },
      { changes: [...event.changes!, ...event.changes!] },
      { context: { ...event.context, ip: '192.0.2.8' } },
      { reason: undefined },
      { details: { n: '0' } },
    ]
    const outcomes = await store.append(texts(others.map((other) => ({ ...event, ...other }))))
    expect(outcomes).toMatchObject(others.map(() => ({ state: 'rejected', code: 'id_conflict' })))
  })

  claim('lets each tenant have the same id', async ({ store, events }) => {
    const event = events.make({ id: 'shared' })
    const outcomes = await appendAll(store, [
      event,
      { ...event, tenant: 'other' },
      { ...event, tenant: 'third', details: {} },
    ])
    expect(outcomes.map(({ duplicate }) => duplicate)).toEqual([false, false, false])
    expect((await wholeLog(store, 'other')).map(({ id }) => id)).toEqual(['shared'])
  })
}
