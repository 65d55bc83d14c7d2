/**
 * The store that is tampered with: three tenants, a log with full tiles, erasures, kept checkpoints, a meta log of
 * several rounds, and a tail that is under no checkpoint yet. After each round a copy of the file is put aside.
 */
import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  formatErased,
  takeSubmission,
  uuidv7,
  type ErasedContent,
  type EventInput,
  type Group,
  type TakenSubmission,
} from '../../src/event/index.ts'
import { fileSigner } from '../../src/sequencer/file-signer.ts'
import { Publisher } from '../../src/sequencer/publisher.ts'
import type { SignedState } from '../../src/sequencer/signer.ts'
import { sqliteStore } from '../../src/store/sqlite/index.ts'
import type { LogHead } from '../../src/store/store.ts'

export interface Copy {
  file: string
  heads: LogHead[]
  signerStates: SignedState[]
}

/** An event of the large log as it was before some of it was erased. */
export interface ErasedEvent {
  index: number
  groups: readonly Group[]
  disclosures: readonly string[]
}

export interface Prepared {
  directory: string
  vkey: string
  /** The last one, with the unsigned tail. */
  file: string
  /** After each round, oldest first. */
  copies: Copy[]
  erased: ErasedEvent[]
  /** Events that an application said were erased, in an event before them. */
  foretold: { index: number; by: number }
}

export const bigTenant = 'lind'
const tenants = [bigTenant, 'kranz', 'weber']

export async function prepareStore(rounds: number = 6): Promise<Prepared> {
  const directory = mkdtempSync(join(tmpdir(), 'auditproof-tamper-'))
  const file = join(directory, 'audit.db')
  const signer = await fileSigner(directory, 'tamper.example/store')
  const store = await sqliteStore({ path: file, name: signer.name })
  // Without its clock, so that every run has the same checkpoints.
  const publisher = new Publisher(store, signer, { tickMs: 0, metaIntervalMs: 0 })
  const copies: Copy[] = []
  const erased: ErasedEvent[] = []
  const foretold = { by: 0, index: 6 }
  const prophecy = formatErased([{ index: foretold.index, groups: ['details'] }])
  await store.append([JSON.stringify({ ...eventOf(bigTenant, 0), action: 'audit.erase', details: prophecy })])
  for (let round = 0; round < rounds; round++) {
    for (const [i, tenant] of tenants.slice(0, 1 + round).entries()) {
      const count = i === 0 ? Math.ceil(280 / rounds) : 4
      await store.append(Array.from({ length: count }, (_, n) => JSON.stringify(eventOf(tenant, round * 100 + n))))
    }
    while ((await store.buildIndex()) > 0);
    if (round > 1) await erase(round) // when its words are in the index already
    while ((await store.buildIndex()) > 0);
    await publisher.publishNow()
    for (const { log } of await store.heads()) await store.keepCheckpoint(log)
    if (round % 2 === 1) {
      await store.appendMeta(100)
      await publisher.publishNow()
      for (const { log } of await store.heads()) await store.keepCheckpoint(log)
    }
    copies.push({ file: await copyOf(round), heads: await store.heads(), signerStates: await signer.states() })
  }
  await publisher.close()
  await store.append([4, 5, 6].map((n) => JSON.stringify(eventOf('kranz', 10_000 + n))))
  await store.close()
  const { vkey } = signer
  await signer.close()
  return { directory, vkey, file, copies, erased, foretold }

  async function erase(round: number): Promise<void> {
    const items: ErasedContent[] = [
      { index: round * 7, groups: ['actor', 'context'] },
      { index: round * 7 + 1, groups: ['changes'] },
      ...(round === 3 ? [{ index: 2, groups: ['actor', 'target', 'context', 'changes', 'details'] as const }] : []),
    ]
    const { log, size } = (await store.headOf(bigTenant))!
    for (const { index, groups } of items) {
      const [stored] = await store.entries(log, index, index + 1)
      erased.push({ index, groups, disclosures: stored!.content!.disclosures })
    }
    const submission = { ...eventOf(bigTenant, 0), action: 'audit.erase', details: formatErased(items) }
    await store.eraseContent({ tenant: bigTenant, items, submission: JSON.stringify(submission) })
    // An application may record what it likes: here, that it erased the record of this erasure.
    const claim = {
      ...eventOf(bigTenant, 0),
      action: 'audit.erase',
      details: formatErased([{ index: size, groups: ['actor'] }]),
    }
    await store.append([JSON.stringify(claim)])
  }

  async function copyOf(round: number): Promise<string> {
    const copy = join(directory, `round-${round}.db`)
    const db = new DatabaseSync(file)
    db.exec(`VACUUM INTO '${copy}'`)
    db.close()
    return copy
  }
}

export function eventOf(tenant: string, n: number): TakenSubmission {
  const input: EventInput = {
    tenant,
    actor: n % 5 === 0 ? { type: 'system' } : { type: 'user', id: `u_${n % 7}`, name: `Mara Lind ${n % 7}` },
    ...(n % 3 !== 0 && {
      target: { type: 'case', id: `c_${n}${n % 11 === 1 ? '\ufffd' : ''}`, name: `Müller ./. Kranz ${n}` },
    }),
    context: { ip: '192.0.2.7', requestId: `req-${n}` },
    ...(n % 2 === 0 && {
      changes: [
        { path: '/status', op: 'replace', old: 'offen', new: n },
        { path: '/note', op: 'remove', old: 'geheim' },
      ],
    }),
    details: { n },
  }
  const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(10))
  return takeSubmission('case.update', input, {
    now: new Date().toISOString(),
    newId: () => uuidv7(Date.now(), random()),
    deriveId: (text) => text,
    producer: () => ({ id: 'tamper', boot: '0123456789abcdef', n }),
    defaultTenant: 'default',
    origin: { kind: 'direct' },
    trusted: true,
  })
}

/** A copy of the file, without guards: whoever can write the file can drop them. */
export function openUnguarded(file: string): DatabaseSync {
  copyFileSync(file, `${file}.tampered`)
  const db = new DatabaseSync(`${file}.tampered`)
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    db.exec(`DROP TRIGGER ${String(name)}`)
  db.exec('DROP INDEX entry_id; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF')
  return db
}
