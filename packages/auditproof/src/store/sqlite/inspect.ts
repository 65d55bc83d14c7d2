/** What `doctor` can see of the file from outside its contents. */
import { readFileSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Inspection } from '../store.ts'
import { pragma, storeFormat } from './open.ts'

/** @param unchanging it is read in a place where nothing can be written */
export function inspectFile(db: DatabaseSync, path: string, unchanging: boolean): Inspection[] {
  return [fileMode(path), unchanging ? readOnlyPlace : walMode(db), format(db), triggers(db), damage(db)]
}

function fileMode(path: string): Inspection {
  const mode = statSync(path).mode & 0o777
  const ok = process.platform === 'win32' || (mode & 0o077) === 0
  return {
    name: 'store file',
    ok,
    detail: `${path}, mode ${mode.toString(8).padStart(4, '0')}`,
    ...(!ok && { fix: `chmod 600 ${path}` }),
  }
}

const readOnlyPlace: Inspection = {
  name: 'write-ahead log',
  ok: true,
  detail: 'none, and none could be made: the store lies where nothing can be written, and can only be read',
}

function walMode(db: DatabaseSync): Inspection {
  const mode = String(pragma(db, 'journal_mode'))
  return {
    name: 'write-ahead log',
    ok: mode === 'wal',
    detail: `journal_mode ${mode}; each commit is synced (synchronous=FULL, set and read back at every open)`,
  }
}

function format(db: DatabaseSync): Inspection {
  const found = Number(pragma(db, 'user_version'))
  return {
    name: 'store format',
    ok: found === storeFormat,
    detail: `format ${found}, SQLite ${String(db.prepare('SELECT sqlite_version() AS v').get()!['v'])}`,
  }
}

/** Compared word for word with the schema: a trigger that was weakened counts as missing. */
function triggers(db: DatabaseSync): Inspection {
  const wanted =
    readFileSync(new URL('schema.sql', import.meta.url), 'utf8').match(/CREATE TRIGGER (\w+)[\s\S]*?END;/g) ?? []
  const found = new Set(
    db
      .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
      .all()
      .map((row) => `${String(row['sql'])};`),
  )
  const missing = wanted.filter((sql) => !found.has(sql)).map((sql) => /CREATE TRIGGER (\w+)/.exec(sql)![1]!)
  if (missing.length === 0) return { name: 'append-only triggers', ok: true, detail: `all ${wanted.length} in place` }
  return {
    name: 'append-only triggers',
    ok: false,
    detail: `missing or changed: ${missing.join(', ')}`,
    fix: 'somebody removed them: run auditproof verify, and find out who',
  }
}

function damage(db: DatabaseSync): Inspection {
  const found = String(pragma(db, 'quick_check(1)'))
  return {
    name: 'file structure',
    ok: found === 'ok',
    detail: found,
    ...(found !== 'ok' && { fix: 'restore a backup, then run auditproof verify' }),
  }
}
