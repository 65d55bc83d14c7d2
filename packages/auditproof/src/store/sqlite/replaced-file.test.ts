/** The file of a store is moved away while it is read, and another put in its place. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { EventMaker, TestSources } from '../../testing/index.ts'
import { SqliteReader } from './reader.ts'
import { SqliteWriter } from './writer.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-replaced-'))
afterAll(() => rmSync(base, { recursive: true }))

let directory: string
beforeEach(() => (directory = mkdtempSync(join(base, 'store-'))))
const path = (folder = directory): string => join(folder, 'audit.db')

const events = new EventMaker(new TestSources())

/** Writes so many events, and leaves all of them in the file. */
function write(count: number, name = 'replaced.example'): void {
  const writer = new SqliteWriter({ path: path(), newStoreName: name }, new TestSources())
  writer.open()
  writer.append(JSON.stringify(events.makeMany(count)))
  writer.close()
}

function moveAway(): string {
  const away = join(directory, 'away')
  mkdirSync(away)
  for (const name of readdirSync(directory))
    if (name.startsWith('audit.db')) renameSync(join(directory, name), join(away, name))
  return away
}

test('the version is another one, and what is read comes from the file that lies there', () => {
  write(2)
  const reader = new SqliteReader(path())
  reader.open()
  const before = reader.version()
  expect(reader.version()).toBe(before)
  cpSync(path(moveAway()), path())
  // A new connection counts as the old one did: the version tells all the same.
  expect(reader.version()).not.toBe(before)
  write(3)
  expect(reader.headOf('acme')?.size).toBe(5)
  reader.close()
})

test('while there is none the store is unavailable; it is read again when it is back', () => {
  write(2)
  const reader = new SqliteReader(path())
  reader.open()
  reader.version()
  const away = moveAway()
  expect(() => reader.version()).toThrow(expect.objectContaining({ code: 'store_unavailable' }))
  renameSync(path(away), path())
  expect(reader.version()).toBeGreaterThan(0)
  expect(reader.headOf('acme')?.size).toBe(2)
  reader.close()
})

test('a store of another name is not taken for this one', () => {
  write(1)
  const reader = new SqliteReader(path())
  reader.open()
  moveAway()
  write(1, 'other.example')
  for (let time = 0; time < 2; time++)
    expect(() => reader.version()).toThrow(/is other\.example now; it was replaced\.example/)
  reader.close()
})
