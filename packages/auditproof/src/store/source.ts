/** A store that can be opened: where it is, and how. */
import { AuditError } from '../errors.ts'
import type { Store } from './store.ts'

export interface StoreSource {
  /** Where it is, in words that hold no secret. */
  readonly place: string

  /** Whether a store has been made there. @throws AuditError `store_unavailable`, `store_format` */
  exists(): Promise<boolean>

  /**
   * Opens it, and makes it with this name when there is none. Again after the one it gave was closed, or after it failed.
   * @param onTrouble told when a part of it has failed and is being replaced, and, with undefined, when it is there again
   */
  open(name: string, onTrouble?: (part: string, trouble: AuditError | undefined) => void): Promise<Store>

  /** Opens what is there, for reading: makes nothing, and its writing methods fail. */
  openToRead(): Promise<Store>
}

export const isStoreSource = (given: object): given is StoreSource => 'openToRead' in given

/** @throws AuditError `usage` for an address of no kind that is known */
export async function storeAt(address: string, options: { allowOwner?: boolean } = {}): Promise<StoreSource> {
  if (isPostgresAddress(address)) return (await import('./postgres/index.ts')).postgres(address, options)
  // What stands before the colon only: the rest may hold a password.
  const kind = /^[A-Za-z][A-Za-z0-9+.-]{0,30}(?=:)/.exec(address)?.[0]
  throw new AuditError('usage', `A store of the kind ${JSON.stringify(kind ?? 'given')} is not known.`, {
    hint: 'postgres://user@host/database; for SQLite leave it out and name the data directory',
  })
}

export const isPostgresAddress = (address: string): boolean => /^postgres(?:ql)?:\/\//.test(address)
