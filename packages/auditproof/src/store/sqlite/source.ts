/** An SQLite store by the path of its file. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StoreSource } from '../source.ts'
import { makeDirectory } from './directory.ts'
import { sqliteStore } from './index.ts'

export const sqliteSource = (path: string): StoreSource => ({
  place: path,
  exists: async () => existsSync(path),
  async open(name, onTrouble) {
    makeDirectory(dirname(path))
    return sqliteStore({ path, name, ...(onTrouble && { onTrouble }) })
  },
  openToRead: () => sqliteStore({ path, name: '', readOnly: true }),
})
