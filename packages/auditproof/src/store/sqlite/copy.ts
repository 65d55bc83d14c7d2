/**
 * A copy of a store while others write to it, made by `VACUUM INTO`.
 *
 * It reads one snapshot, and in WAL mode nobody who writes waits for who reads. It writes what the tables hold and
 * nothing else: no page that was freed, no write-ahead log, so that erased content cannot come along by any accident. The
 * copy is one whole file. SQLite's page-by-page backup would begin again at each commit of another process, and does
 * not come to an end beside one that records all the time (measured).
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { AuditError } from '../../errors.ts'
import { Thread, threadModule } from '../../thread/thread.ts'
import { syncDirectory } from './directory.ts'

export interface Draft {
  /** Beside where it is to be; 0600, and durable. */
  path: string
  bytes: number
  /** Gives it its name, or another one in the same file system, durably. @throws AuditError `usage` where that is taken */
  keep(as?: string): void
  discard(): void
}

export interface CopyOptions {
  kind?: 'store' | 'signer state'
  /** Bytes written, of about as many. */
  onProgress?: (bytes: number, total: number) => void
}

const progressIntervalMs = 100

/**
 * @param from what is copied; may be written to meanwhile
 * @param to what the copy will be called; there is no such file
 * @throws AuditError `usage`, `store_corrupt`, `store_format`, `store_unavailable`, `disk_full`
 */
export async function copyDatabase(from: string, to: string, options: CopyOptions = {}): Promise<Draft> {
  const { kind = 'store', onProgress } = options
  refuseExisting(to)
  const path = `${to}.incomplete-${randomBytes(4).toString('hex')}`
  const thread = new Thread<void>({
    module: threadModule('./copy-thread', import.meta.url),
    name: 'auditproof-copy',
    workerData: { path: from, kind },
  })
  const timer = setInterval(() => onProgress?.(bytesOf(path), bytesOf(from)), progressIntervalMs)
  try {
    await thread.open()
    closeSync(openSync(path, 'wx', 0o600)) // 0600 from its first byte on; SQLite takes an empty file as none
    await thread.call('copyTo', path)
    await thread.close()
    syncFile(path)
  } catch (error) {
    await thread.terminate()
    discard(path)
    throw error
  } finally {
    clearInterval(timer)
  }
  return { path, bytes: bytesOf(path), keep: (as = to) => keep(path, as), discard: () => discard(path) }
}

export function refuseExisting(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new AuditError('usage', `${path} is there already; it is never overwritten.`, {
      hint: 'name another place, for example one with the date in it',
    })
}

function keep(draft: string, to: string): void {
  try {
    linkSync(draft, to) // unlike a rename, it never takes the place of a file that is there
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') refuseExisting(to)
    throw error
  }
  rmSync(draft)
  syncDirectory(dirname(to))
}

function discard(draft: string): void {
  for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(draft + ending, { force: true })
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
