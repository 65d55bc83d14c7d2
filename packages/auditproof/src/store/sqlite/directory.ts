/** Making directories. Ours are their owner's alone. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/** With its parents. Not by `recursive`: where a file system makes no directories (/proc), that never returns. */
export function makeDirectory(path: string, mode = 0o700): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeDirectory(parent, mode)
  try {
    mkdirSync(path, { mode })
    // What is acknowledged will lie in it: its own name must survive a power cut too.
    syncDirectory(parent)
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A new file or directory survives a power cut only when the directory that names it has been synced too. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
