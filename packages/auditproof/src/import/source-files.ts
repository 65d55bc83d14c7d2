/** A source may be a folder: CloudTrail delivers one, with a level for each account, region, year, month and day. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditError } from '../errors.ts'

// Digests sign the delivery of log files; they hold no records. They lie beside the logs in every bucket.
const digests = 'CloudTrail-Digest'

/** The files of the sources, folders walked in name order, so that two runs read in the same order. */
export async function* listFiles(sources: readonly string[], fileName: RegExp): AsyncGenerator<string> {
  for (const source of sources) {
    if (!(await isDirectory(source))) {
      yield source
      continue
    }
    let found = false
    for await (const file of walk(source, fileName)) {
      found = true
      yield file
    }
    if (!found)
      throw new AuditError('input_malformed', `${source} holds no file to import.`, {
        hint: `files are found by their names, ${endings(fileName)}, each also with .gz; one that is named itself may be called anything`,
      })
  }
}

/** False also where nothing is: opening the file then says so. */
export async function isDirectory(source: string): Promise<boolean> {
  if (source === '-') return false
  return stat(source).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function* walk(directory: string, fileName: RegExp): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AuditError('input_malformed', `${directory} cannot be listed.`, { hint: 'check its permissions', cause })
  })
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const entry of entries) {
    const path = join(directory, entry.name)
    // A link to a folder is not followed: it may lead back to where we are.
    if (entry.isDirectory()) {
      if (entry.name !== digests) yield* walk(path, fileName)
    } else if (fileName.test(entry.name) && !(await isDirectory(path))) yield path
  }
}

/** `/\.(?:json|ndjson)(?:…)?$/` → `*.json, *.ndjson` */
const endings = (fileName: RegExp): string =>
  (/\(\?:([\w|]+)\)/.exec(fileName.source)?.[1] ?? '').replaceAll(/\w+/g, '*.$&').replaceAll('|', ', ')
