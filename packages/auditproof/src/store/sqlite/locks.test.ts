import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { SqliteReader } from './reader.ts'
import { SqliteWriter } from './writer.ts'

const directory = mkdtempSync(join(tmpdir(), 'auditproof-locks-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What this process has locked of a file, as Linux tells: "n: POSIX ADVISORY READ <pid> <major>:<minor>:<inode> <from> <to>". */
const locksOn = (path: string): string[] =>
  readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${statSync(path).ino} `))

// Without them another process takes itself for the last one at its close, and unlinks the write-ahead log in use:
// what is acknowledged afterwards lies in a file without a name.
it.runIf(process.platform === 'linux')('opening a store again in one process leaves the locks of what is open', () => {
  const path = join(directory, 'audit.db')
  const writers = [0, 1].map(() => new SqliteWriter({ path, newStoreName: 'locks.example' }))
  writers[0]!.open()
  const reader = new SqliteReader(path)
  reader.heads()
  expect(locksOn(path)).not.toEqual([])
  writers[1]!.open()
  expect(locksOn(path)).not.toEqual([])
  for (const each of [reader, ...writers]) each.close()
  expect(locksOn(path)).toEqual([])
})
