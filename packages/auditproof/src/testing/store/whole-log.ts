/** A log read back whole, and the tree over it worked out a second time, by RFC 6962 §2.1 to the letter. */
import { createHash } from 'node:crypto'
import { decodeEntry, groupValues, openDisclosures, type TakenSubmission } from '../../event/index.ts'
import { encodeHex } from '../../log/index.ts'
import { storeLimits } from '../../store/limits.ts'
import type { AppendOutcome, LogHead, Store, StoredEntry } from '../../store/store.ts'
import type { Claims } from '../harness.ts'

export type Stored = Extract<AppendOutcome, { state: 'stored' }>

export const texts = (events: readonly unknown[]): string[] => events.map((event) => JSON.stringify(event))

/** Appends in batches, and expects every event to be stored. */
export async function appendAll(store: Store, events: readonly TakenSubmission[]): Promise<Stored[]> {
  const stored: Stored[] = []
  for (let from = 0; from < events.length; from += storeLimits.batchEventsMax)
    for (const outcome of await store.append(texts(events.slice(from, from + storeLimits.batchEventsMax)))) {
      if (outcome.state !== 'stored') throw new Error(`not stored: ${JSON.stringify(outcome)}`)
      stored.push(outcome)
    }
  return stored
}

export async function headOf(store: Store, tenant: string): Promise<LogHead> {
  const head = await store.headOf(tenant)
  if (head === undefined) throw new Error(`no log of ${tenant}`)
  return head
}

export async function wholeLog(store: Store, tenant: string): Promise<StoredEntry[]> {
  const { log, size } = await headOf(store, tenant)
  const entries: StoredEntry[] = []
  while (entries.length < size) {
    const page = await store.entries(log, entries.length, size)
    if (page.length === 0) throw new Error(`the log of ${tenant} ends at ${entries.length}, not at ${size}`)
    entries.push(...page)
  }
  return entries
}

/** That indexes are dense, ids unique, hashes those of the entries, the root that of the hashes, time going forward. */
export async function expectSoundLog({ expect }: Claims, store: Store, tenant: string): Promise<StoredEntry[]> {
  const head = await headOf(store, tenant)
  const entries = await wholeLog(store, tenant)
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, i) => i))
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
  expect(entries.map(({ leafHash }) => encodeHex(leafHash))).toEqual(
    entries.map(({ entry }) => encodeHex(leafOf(entry))),
  )
  expect(encodeHex(head.root)).toBe(encodeHex(treeHash(entries.map(({ entry }) => leafOf(entry)))))
  const times = entries.map(({ entry, id }) => {
    const decoded = decodeEntry(entry)
    expect(decoded.id).toBe(id)
    return decoded.recordedAt
  })
  expect(times).toEqual(times.toSorted())
  return entries
}

/** That a stored entry with its disclosures says what was submitted. */
export function expectSays({ expect }: Claims, stored: StoredEntry | undefined, submission: TakenSubmission): void {
  if (stored?.content === undefined) throw new Error(`event ${submission.id} has no content`)
  const { digests, recordedAt: _, ...clear } = decodeEntry(stored.entry)
  const { id, action, outcome, severity, occurredAt, producer } = submission
  expect(clear).toEqual({ id, action, outcome, severity, occurredAt, producer })
  expect(openDisclosures(digests, stored.content.disclosures)).toEqual({
    values: groupValues(submission),
    missing: [],
    missingChanges: 0,
  })
}

/** Bytes as hex, whatever kind of array a driver gives them in. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

export const leafOf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry)

/** MTH of RFC 6962 §2.1, over leaf hashes. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]!
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
