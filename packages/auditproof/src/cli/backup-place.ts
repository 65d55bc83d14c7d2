/** Where a backup lies: a directory that is named like a data directory inside, or the one file of the store. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AuditError } from '../errors.ts'
import { makeDirectory, syncDirectory } from '../store/sqlite/directory.ts'
import { copyDatabase, refuseExisting } from '../store/sqlite/copy.ts'
import type { Places } from './globals.ts'

export interface BackupPlace {
  storePath: string
  /** Where keys may lie beside it; undefined for a single file. */
  directory: string | undefined
}

/** What is no directory and ends in `.db` is a file; everything else is a directory, made when it is not there. */
export function placeForBackup(given: string): BackupPlace {
  const isFile = existsSync(given) ? !statSync(given).isDirectory() : given.endsWith('.db')
  if (isFile) return { storePath: given, directory: undefined }
  return { storePath: join(given, 'audit.db'), directory: given }
}

/** @throws AuditError `usage` where there is no backup */
export function placeOfBackup(given: string): BackupPlace {
  const place = placeForBackup(given)
  if (!existsSync(place.storePath))
    throw new AuditError('usage', `There is no backup at ${given}: ${place.storePath} does not exist.`, {
      hint: 'name what auditproof backup has written: the directory, or the file',
    })
  return place
}

export const keyNames = ['signer.key', 'signer.db', 'import.key'] as const

/** Copies what is there and is not at the other place. @returns the names of what was copied */
export async function copyKeys(
  from: Pick<Places, 'data' | 'signer'>,
  to: Pick<Places, 'data' | 'signer'>,
): Promise<string[]> {
  const copied: string[] = []
  for (const name of keyNames) {
    const [source, target] = [from, to].map(({ data, signer }) => join(name === 'import.key' ? data : signer, name)) as [string, string] // prettier-ignore
    if (!existsSync(source) || existsSync(target)) continue
    makeDirectory(name === 'import.key' ? to.data : to.signer)
    if (name === 'signer.db') (await copyDatabase(source, target, { kind: 'signer state' })).keep()
    else copySecret(source, target)
    copied.push(name)
  }
  return copied
}

function copySecret(source: string, target: string): void {
  refuseExisting(target)
  const file = openSync(target, 'wx', 0o600)
  try {
    writeSync(file, readFileSync(source))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncDirectory(join(target, '..'))
}
