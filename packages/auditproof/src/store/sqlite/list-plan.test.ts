/** What a list reads of `content`, from SQLite's own program for the statement. */
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { rowStatement } from './search-rows.ts'

const db = new DatabaseSync(':memory:')
db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))

/** The columns of `content` that the program loads. */
function columnsRead(sql: string): string[] {
  const program = db.prepare(`EXPLAIN ${sql}`).all() as { opcode: string; p1: number; p2: number }[]
  const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'content'").get()! as {
    rootpage: number
  }
  const cursors = program.filter(({ opcode, p2 }) => opcode === 'OpenRead' && p2 === rootpage).map(({ p1 }) => p1)
  expect(cursors).toHaveLength(1)
  // Generated columns that are computed have no place in the record.
  const stored = (db.prepare('PRAGMA table_xinfo(content)').all() as { name: string; hidden: number }[]).filter(
    ({ hidden }) => hidden !== 2,
  )
  return program.filter(({ opcode, p1 }) => opcode === 'Column' && p1 === cursors[0]).map(({ p2 }) => stored[p2]!.name)
}

test('a row of a list reads the narrow columns and not the disclosures, which come last', () => {
  const columns = columnsRead(rowStatement)
  expect(columns).toContain('action')
  expect(columns).not.toContain('disclosures')
  expect(columnsRead('SELECT disclosures FROM content WHERE position = 1')).toEqual(['disclosures'])
})

test('a row is found by its key alone', () => {
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${rowStatement}`).all() as { detail: string }[]
  expect(plan.map(({ detail }) => detail).toSorted()).toEqual([
    'SEARCH content USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)',
  ])
})
