/** Opening a trail: for reading, which makes nothing; or for recording, which makes what is missing and says so. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createAudit, type Audit } from '../audit.ts'
import { AuditError } from '../errors.ts'
import { cursorKeyOf } from '../opening.ts'
import { openKey, openSecret } from '../sequencer/key-file.ts'
import { storeAt, type StoreSource } from '../store/source.ts'
import { sqliteSource } from '../store/sqlite/source.ts'
import type { LogHead, Store } from '../store/store.ts'
import { nearest, type Source } from '../reader/index.ts'
import type { Globals, Places } from './globals.ts'
import type { Io } from './io.ts'

const sourceOf = async ({ database, storePath, allowOwner }: Places): Promise<StoreSource> =>
  database === undefined ? sqliteSource(storePath) : storeAt(database, { allowOwner })

/** Opens what is there, read only: a wrong --data must not make a new store. */
export async function withStore<T>(places: Places, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await (await sourceOf(places)).openToRead()
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** The same, with what cursors are signed with: the store's own key where it may be read. */
export const withSource = <T>(places: Places, use: (source: Source) => Promise<T>): Promise<T> =>
  withStore(places, (store) => use({ store, cursorKey: cursorKeyFor(places) }))

let ownCursorKey: Uint8Array | undefined

function cursorKeyFor({ importKeyPath }: Places): Uint8Array {
  try {
    return cursorKeyOf(openSecret(importKeyPath, 'refuse'))
  } catch {
    return (ownCursorKey ??= randomBytes(32)) // whoever may read the store and not its key: his cursors end with this process
  }
}

/** Opens for recording; closes and publishes at the end, also when `use` failed. */
export async function withAudit<T>(
  places: Places,
  globals: Globals,
  io: Io,
  use: (audit: Audit) => Promise<T>,
): Promise<T> {
  const audit = await openAudit(places, globals, io)
  let used: T
  try {
    used = await use(audit)
  } catch (error) {
    await audit.close().catch(() => {}) // the first error is the one to tell
    throw error
  }
  const { unpublished } = await audit.close()
  if (unpublished !== undefined) noteUnpublished(io, unpublished)
  return used
}

export function noteUnpublished(io: Io, why: string): void {
  io.note(`! stored, but not under a signed checkpoint: ${why}`, 'yellow')
  io.note('  → auditproof doctor')
}

export async function openAudit(places: Places, globals: Globals, io: Io): Promise<Audit> {
  const { data, signer, keyPath } = places
  const { tenant, origin } = globals
  if (tenant?.startsWith('_') === true)
    throw new AuditError('usage', `Tenant ${JSON.stringify(tenant)}: names that begin with "_" are reserved.`, {
      hint: 'take another name; what lies under _system is recorded by auditproof itself',
    })
  const isNew = !existsSync(keyPath)
  const audit = createAudit({
    data,
    signer,
    store: await sourceOf(places),
    ...(tenant !== undefined && { tenant }),
    ...(origin !== undefined && { origin }),
  })
  const { store } = await audit.opened()
  if (isNew) {
    io.note(
      `New trail ${store.name} in ${places.database === undefined ? data : places.storePlace}. Its signing key lies at ${keyPath}.`,
    )
    io.note('  → keep a copy of the key in a safe place: without it nothing new can be signed')
  }
  return audit
}

/** The key that lies beside the store, where there is one. */
export function ownKey(places: Places): string | undefined {
  return existsSync(places.keyPath) ? openKey(places.signer, undefined).vkey : undefined
}

/**
 * The log that is meant: the tenant's, or the only one.
 * @throws AuditError `usage`, `not_found`
 */
export async function chooseLog(store: Store, tenant: string | undefined): Promise<LogHead> {
  if (tenant !== undefined) {
    const head = await store.headOf(tenant)
    if (head !== undefined) return head
    throw await noSuchTenant(store, tenant)
  }
  const [head, ...others] = (await store.heads()).filter((one) => !one.tenant.startsWith('_'))
  if (head === undefined)
    throw new AuditError('not_found', 'No tenant has a log here yet.', {
      hint: 'record a first event: auditproof record hello.world',
    })
  if (others.length > 0)
    throw new AuditError('usage', `There are ${others.length + 1} tenants; which one?`, {
      hint: `--tenant T, for example --tenant ${quoted(head.tenant)}`,
    })
  return head
}

/** @throws AuditError `not_found` with the name that was probably meant */
export async function refuseNoTenant({ store }: Source, tenant: string | undefined): Promise<void> {
  if (tenant !== undefined && (await store.headOf(tenant)) === undefined) throw await noSuchTenant(store, tenant)
}

async function noSuchTenant(store: Store, tenant: string): Promise<AuditError> {
  const tenants = (await store.heads()).map((head) => head.tenant)
  const meant = nearest(tenant, tenants)
  return new AuditError('not_found', `There is no log of tenant ${JSON.stringify(tenant)} here.`, {
    hint: meant === undefined ? 'auditproof checkpoint list names the tenants' : `did you mean ${quoted(meant)}?`,
  })
}

/** As a shell takes it. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9._:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Opens for keeping a checkpoint that is published already: needs no signer. */
export async function openStoreToKeep<T>(places: Places, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await (await sourceOf(places)).open('')
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
