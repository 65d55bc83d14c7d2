/**
 * Opening a database for reading, where it lies. In WAL mode that needs its shared-memory file (-shm), and where it is
 * not there and nothing may be written, none can be made: a store on a read-only medium, or one's own copy of somebody
 * else's files. With an empty write-ahead log everything is in the file, and it can be read as one that does not change.
 */
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { AuditError } from '../../errors.ts'
import { cannotMakeFile } from './errors.ts'

/** How long another process may hold the lock, milliseconds. */
export const busyTimeoutMs = 10_000

export interface OpenedReadOnly {
  db: DatabaseSync
  /** Whether what was opened is what lies there still; always so, but for a file that is read as an unchanging one. */
  isCurrent: () => boolean
  /** Whether the path still names the file that was opened: one may be moved away, and another put in its place. */
  isInPlace: () => boolean
  unchanging: boolean
}

export function openReadOnly(path: string): OpenedReadOnly {
  // Taken first: should the file be replaced in between, the new one is opened twice, and never missed.
  const file = fileAt(path)
  const isInPlace = (): boolean => fileAt(path) === file
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  try {
    db.exec('SELECT 1 FROM sqlite_schema LIMIT 1') // SQLite opens the files when it reads for the first time
    return { db, isCurrent: () => true, isInPlace, unchanging: false }
  } catch (error) {
    db.close()
    if (!cannotMakeFile(error) || !existsSync(path) || existsSync(`${path}-shm`)) throw error
    if (walBytes(path) > 0)
      throw new AuditError(
        'store_unavailable',
        `${path} has a write-ahead log that is not empty, and nothing can be written beside it: its newest events cannot be read there.`,
        {
          hint: 'copy the file with its -wal to a directory that can be written to, and name that; or stop what writes to it, which empties the log',
          cause: error,
        },
      )
  }
  const url = pathToFileURL(path)
  url.search = '?immutable=1' // https://sqlite.org/uri.html: no locks, no change detection, no -wal
  const opened = stateOf(path)
  return {
    db: new DatabaseSync(url, { readOnly: true }),
    // Whoever writes to it fills a write-ahead log first, and puts nothing into the file before that.
    isCurrent: () => walBytes(path) === 0 && stateOf(path) === opened,
    isInPlace,
    unchanging: true,
  }
}

/** Which file the path names: an inode has one number as long as somebody has it open. */
function fileAt(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev} ${stat.ino}`
}

const walBytes = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0

function stateOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path)
  return `${ino} ${size} ${mtimeMs}`
}
