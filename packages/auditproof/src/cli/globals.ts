/** The options that every command knows, and the places they name. */
import { resolve, join } from 'node:path'
import { AuditError } from '../errors.ts'

export interface Globals {
  data?: string
  store?: string
  tenant?: string
  signer?: string
  origin?: string
  color: boolean
}

/** `data` and `signer` as they were written: people should recognise them; the paths are absolute. */
export interface Places {
  data: string
  signer: string
  storePath: string
  keyPath: string
  importKeyPath: string
  adminKeyPath: string
  signerStatePath: string
}

/** @throws AuditError `usage` for a kind of store that is not there */
export function placesOf(globals: Globals, env: NodeJS.ProcessEnv): Places {
  const store = globals.store ?? env['AUDITPROOF_STORE']
  if (store !== undefined && store !== '' && store !== 'sqlite') refuseStore(store)
  const data = globals.data ?? nonEmpty(env['AUDITPROOF_DATA']) ?? 'auditproof-data'
  const signer = globals.signer ?? data
  return {
    data,
    signer,
    storePath: join(data, 'audit.db'),
    keyPath: join(signer, 'signer.key'),
    signerStatePath: join(signer, 'signer.db'),
    importKeyPath: join(data, 'import.key'),
    adminKeyPath: join(data, 'admin.key'),
  }
}

export const absolute = (path: string): string => resolve(path)

function refuseStore(store: string): never {
  // What stands before the colon only: the rest may hold a password.
  const kind = /^[A-Za-z][A-Za-z0-9+.-]{0,30}(?=:)/.exec(store)?.[0]
  if (kind === 'postgres' || kind === 'postgresql')
    throw new AuditError('usage', 'PostgreSQL stores are not there yet: this version keeps the trail in SQLite.', {
      hint: 'leave --store and AUDITPROOF_STORE out, and name the data directory with --data',
    })
  throw new AuditError(
    'usage',
    `A store of the kind ${JSON.stringify(kind ?? 'given')} is not known: this version keeps the trail in SQLite.`,
    {
      hint: 'leave --store and AUDITPROOF_STORE out (or say "sqlite"), and name the data directory with --data',
    },
  )
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
