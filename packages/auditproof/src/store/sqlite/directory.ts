/** Making directories. Ours are their owner's alone. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** With its parents. Not by `recursive`: where a file system makes no directories (/proc), that never returns. */
export function makeDirectory(path: string, mode = 0o700): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeDirectory(parent, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
