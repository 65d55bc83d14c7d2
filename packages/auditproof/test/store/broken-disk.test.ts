import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { leafHash } from '../../src/log/index.ts'
import { FileSigner } from '../../src/sequencer/file-signing.ts'
import { SqliteReader } from '../../src/store/sqlite/reader.ts'
import { SqliteWriter } from '../../src/store/sqlite/writer.ts'
import { EventMaker, TestSources } from '../../src/testing/index.ts'
import { breakNext } from './broken-disk.ts'

const name = 'broken.example'
const base = mkdtempSync(join(tmpdir(), 'auditproof-broken-'))
let number = 0
let directory = ''
let mend = (): void => {}
beforeEach(() => void (directory = mkdtempSync(join(base, `${number++}-`))))
afterEach(() => mend())
afterAll(() => rmSync(base, { recursive: true, force: true }))

const path = (): string => join(directory, 'audit.db')
const batchOf = (count: number): string => JSON.stringify(new EventMaker(new TestSources()).makeMany(count))

function broken(...fault: Parameters<typeof breakNext>): unknown[] {
  const made = breakNext(...fault)
  mend = made.mend
  return made.failed
}

/** How many connections are opened while something is done. */
function connectionsOf(work: () => void): number {
  const { close } = DatabaseSync.prototype
  let closed = 0
  DatabaseSync.prototype.close = function () {
    closed += 1
    close.call(this)
  }
  try {
    work()
    return closed
  } finally {
    DatabaseSync.prototype.close = close
  }
}

describe('after an error of the disk', () => {
  it('the signer signs on a new connection', () => {
    const signer = new FileSigner(directory, name)
    const request = {
      origin: `${name}/1`,
      size: 1,
      root: leafHash(new Uint8Array()),
      from: 0,
      proof: [],
      published: undefined,
    }
    const failed = broken('COMMIT', 'EIO')
    expect(connectionsOf(() => expect(signer.sign([request])).toMatchObject([{ state: 'signed' }]))).toBe(1)
    expect(failed).toHaveLength(1)
    expect((failed[0] as DatabaseSync).isOpen).toBe(false)
    expect(signer.states()).toMatchObject([{ origin: request.origin, size: 1 }])
    signer.close()
  })

  it('a signer whose disk stays broken says that what was recorded is kept, and signs once it works', () => {
    const signer = new FileSigner(directory, name)
    const request = {
      origin: `${name}/1`,
      size: 1,
      root: leafHash(new Uint8Array()),
      from: 0,
      proof: [],
      published: undefined,
    }
    broken('COMMIT', 'EIO', 2)
    expect(() => signer.sign([request])).toThrow(
      expect.objectContaining({
        code: 'store_unavailable',
        hint: expect.stringContaining('what was recorded is kept'),
      }),
    )
    expect(signer.sign([request])).toMatchObject([{ state: 'signed' }])
    signer.close()
  })

  it('the reader reads on a new connection; where that fails too it says that the store cannot be reached', () => {
    const writer = new SqliteWriter({ path: path(), newStoreName: name })
    writer.append(batchOf(3))
    const reader = new SqliteReader(path())
    expect(reader.heads()).toHaveLength(2)
    broken('read', 'EIO')
    expect(connectionsOf(() => expect(reader.heads()).toHaveLength(2))).toBe(1)
    mend()
    broken('read', 'EIO', 2)
    expect(() => reader.heads()).toThrow(expect.objectContaining({ code: 'store_unavailable' }))
    expect(reader.heads()).toHaveLength(2)
    reader.close()
    writer.close()
  })
})

/** Overwrites pages of the file with what no page holds. The first has the header and the schema. */
function damage(from: 'header' | 'pages'): void {
  const pageBytes = 8192
  const size = statSync(path()).size
  const file = openSync(path(), 'r+')
  if (from === 'header') writeSync(file, Buffer.alloc(64, 0xee), 0, 64, 0)
  else
    for (let at = pageBytes; at < size; at += pageBytes)
      writeSync(file, Buffer.alloc(pageBytes, 0xee), 0, pageBytes, at)
  closeSync(file)
}

describe('a damaged file', () => {
  it('is store_corrupt for who writes and who reads, not an outcome that trying again could settle', () => {
    const first = new SqliteWriter({ path: path(), newStoreName: name })
    first.append(batchOf(500))
    first.close()
    damage('pages')
    const corrupt = expect.objectContaining({ code: 'store_corrupt' })
    const writer = new SqliteWriter({ path: path(), newStoreName: name })
    for (let attempt = 0; attempt < 2; attempt++) expect(() => writer.append(batchOf(1))).toThrow(corrupt)
    writer.close()
    expect(() => new SqliteReader(path()).heads()).toThrow(corrupt)
  })

  it('is store_corrupt when its header goes while it is in use', () => {
    const writer = new SqliteWriter({ path: path(), newStoreName: name })
    const reader = new SqliteReader(path())
    writer.append(batchOf(500))
    reader.heads()
    // SQLite reads the header again only on a new connection, and takes it from the write-ahead log where it can: so that
    // is emptied, and an error of the disk makes the store take a new one.
    const other = new DatabaseSync(path())
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    other.close()
    damage('header')
    const corrupt = expect.objectContaining({ code: 'store_corrupt' })
    broken('COMMIT', 'EIO')
    for (let attempt = 0; attempt < 2; attempt++) expect(() => writer.append(batchOf(1))).toThrow(corrupt)
    mend()
    broken('read', 'EIO')
    expect(() => reader.heads()).toThrow(corrupt)
    writer.close()
    reader.close()
  })

  it('is told by record() with its code, and leaves the file as it was', async () => {
    const audit = createAudit({ data: directory, origin: name })
    await Promise.all(Array.from({ length: 200 }, () => audit.record('case.open')))
    await audit.close()
    damage('pages')
    const before = readFileSync(path())
    const again = createAudit({ data: directory })
    await expect(again.record('case.close')).rejects.toMatchObject({ code: 'store_corrupt' })
    expect(again.health()).toMatchObject({ status: 'failing' })
    await again.close()
    expect(readFileSync(path()).equals(before)).toBe(true)
  })

  it('that was never a store is not called damaged', () => {
    writeFileSync(
      path(),
      'no database, but a text of more than a hundred bytes, since SQLite reads that many. '.repeat(9),
    )
    expect(() => new SqliteWriter({ path: path(), newStoreName: name }).open()).toThrow(
      expect.objectContaining({ code: 'store_format' }),
    )
  })
})
