/** The options that every command knows, and the places they name. */
import { resolve, join } from 'node:path'
import { AuditError } from '../errors.ts'
import { isPostgresAddress } from '../store/source.ts'
import { placeOfAddress } from '../store/postgres/address.ts'

export interface Globals {
  data?: string
  store?: string
  tenant?: string
  signer?: string
  origin?: string
  allowOwner?: boolean
  color: boolean
}

/** `data` and `signer` as they were written: people should recognise them; the paths are absolute. */
export interface Places {
  data: string
  signer: string
  /** Address of a PostgreSQL store, which may hold a password; undefined for SQLite. */
  database: string | undefined
  allowOwner: boolean
  /** Of the SQLite store. */
  storePath: string
  /** Where the store is, as it may be shown. */
  storePlace: string
  keyPath: string
  importKeyPath: string
  adminKeyPath: string
  signerStatePath: string
}

/** @throws AuditError `usage` for a kind of store that is not there */
export function placesOf(globals: Globals, env: NodeJS.ProcessEnv): Places {
  const store = nonEmpty(globals.store ?? env['AUDITPROOF_STORE'])
  const database = store === 'sqlite' ? undefined : store
  if (database !== undefined && !isPostgresAddress(database)) refuseStore(database)
  const data = globals.data ?? nonEmpty(env['AUDITPROOF_DATA']) ?? 'auditproof-data'
  const signer = globals.signer ?? data
  return {
    data,
    signer,
    database,
    allowOwner: globals.allowOwner ?? false,
    storePath: join(data, 'audit.db'),
    storePlace: database === undefined ? join(data, 'audit.db') : placeOfAddress(database),
    keyPath: join(signer, 'signer.key'),
    signerStatePath: join(signer, 'signer.db'),
    importKeyPath: join(data, 'import.key'),
    adminKeyPath: join(data, 'admin.key'),
  }
}

/** For what is done to the file of an SQLite store. @throws AuditError `usage` */
export function refuseDatabase({ database, storePlace }: Places, command: string): void {
  if (database !== undefined)
    throw new AuditError('usage', `auditproof ${command} is for SQLite stores; this one is ${storePlace}.`, {
      hint: 'docs/operations.md says how it is done in PostgreSQL',
    })
}

export const absolute = (path: string): string => resolve(path)

function refuseStore(store: string): never {
  // What stands before the colon only: the rest may hold a password.
  const kind = /^[A-Za-z][A-Za-z0-9+.-]{0,30}(?=:)/.exec(store)?.[0] ?? 'given'
  throw new AuditError('usage', `A store of the kind ${JSON.stringify(kind)} is not known.`, {
    hint: 'postgres://user@host/database; for SQLite leave --store and AUDITPROOF_STORE out and name the data directory with --data',
  })
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
