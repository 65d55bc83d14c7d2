/**
 * A whole log as a directory of C2SP tlog-tiles: `checkpoint`, `tile/…`, `tile/entries/…`. Served as it lies by any web
 * server, checked by any tool that knows the format.
 *
 * Tiles and bundles first, the checkpoint last: whoever reads the directory at any moment finds all that its
 * checkpoint covers. Written again, only what is new is added.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AuditError } from '../errors.ts'
import {
  encodeEntryBundle,
  formatVkey,
  parseCheckpoint,
  parseNote,
  tilePath,
  tilesOfSize,
  tileWidthMax,
  vkeyFor,
} from '../log/index.ts'
import type { Tile } from '../log/index.ts'
import { makeDirectory } from '../store/sqlite/directory.ts'
import type { LogHead, Store } from '../store/store.ts'
import { parsePinnedKey } from '../verify/index.ts'

export interface WriteTilesOptions {
  /** Of the store: written as `vkey`, under the name of this log. */
  vkey?: string
  /** Told how many files were written so far. */
  onProgress?: (files: number) => void
}

export interface WrittenTiles {
  origin: string
  /** Of the checkpoint that was written. */
  size: number
  /** Written now; what was there already is not counted. */
  files: number
}

/**
 * @throws AuditError `not_found` for a tenant that is not there or has no checkpoint yet; `usage` where the directory
 *   holds another log; `store_rolled_back` where it holds more of this one; `store_corrupt` where it holds other entries
 */
export async function writeTiles(
  store: Store,
  tenant: string,
  directory: string,
  options: WriteTilesOptions = {},
): Promise<WrittenTiles> {
  const head = await store.headOf(tenant)
  if (head === undefined) throw new AuditError('not_found', `There is no tenant ${JSON.stringify(tenant)}.`)
  const { log, origin, published } = head
  if (published === undefined)
    throw new AuditError('not_found', `The log of tenant ${JSON.stringify(tenant)} has no checkpoint.`, {
      hint: 'not published yet: publish, then ask again',
    })
  const { size, note } = published
  await refuseOtherLog(directory, head, size)
  const files = new TileFiles(directory, options.onProgress)

  if (options.vkey !== undefined)
    await files.write('vkey', new TextEncoder().encode(`${vkeyOf(options.vkey, origin)}\n`))
  for (const tile of tilesOfSize(size)) {
    await files.write(tilePath(tile), await store.tile(log, tile.level, tile.index, tile.width))
    if (tile.level === 0) await files.write(tilePath({ ...tile, level: 'entries' }), await bundleOf(store, log, tile))
  }
  await store.keepCheckpoint(log)
  await files.replace('checkpoint', new TextEncoder().encode(note))
  return { origin, size, files: files.written }
}

async function refuseOtherLog(directory: string, { origin }: LogHead, size: number): Promise<void> {
  const note = await read(join(directory, 'checkpoint'))
  if (note === undefined) return
  const there = parseCheckpoint(parseNote(note).text)
  if (there.origin !== origin)
    throw new AuditError('usage', `${directory} holds the log ${there.origin}, not ${origin}.`, {
      hint: 'name another directory',
    })
  if (there.size > size)
    throw new AuditError(
      'store_rolled_back',
      `${directory} holds ${there.size} entries of ${origin}, the store has a checkpoint over ${size}.`,
      {
        hint: 'the store is an older copy, or was rolled back: auditproof verify --since the checkpoint in the directory',
      },
    )
}

/** The key of a store, under the name of one log: what other tools ask for. */
const vkeyOf = (vkey: string, origin: string): string => formatVkey(vkeyFor(origin, parsePinnedKey(vkey).publicKey))

async function bundleOf(store: Store, log: number, { index, width }: Tile): Promise<Uint8Array> {
  const first = index * tileWidthMax
  const rows = await store.entries(log, first, first + width)
  if (rows.length !== width)
    throw new AuditError('store_corrupt', `Entries ${first} to ${first + width - 1} of log ${log} are not all there.`, {
      hint: 'run auditproof verify',
    })
  return encodeEntryBundle(rows.map(({ entry }) => entry))
}

class TileFiles {
  written = 0
  readonly #directory: string
  readonly #onProgress: WriteTilesOptions['onProgress']
  readonly #made = new Set<string>()

  constructor(directory: string, onProgress: WriteTilesOptions['onProgress']) {
    this.#directory = directory
    this.#onProgress = onProgress
  }

  /** A file that never changes: one that is there must be the same. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const there = await read(join(this.#directory, path))
    if (there === undefined) return this.replace(path, bytes)
    if (!there.equals(bytes))
      throw new AuditError('store_corrupt', `${join(this.#directory, path)} holds something else than the store.`, {
        hint: 'one of the two was changed: run auditproof verify --since the checkpoint in the directory',
      })
  }

  /** Appears whole: readers see the old file or the new one. */
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.#directory, path)
    if (!this.#made.has(dirname(file))) makeDirectory(dirname(file), 0o755) // to be served to others
    this.#made.add(dirname(file))
    await writeFile(`${file}.new`, bytes)
    await rename(`${file}.new`, file)
    this.written += 1
    this.#onProgress?.(this.written)
  }
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
