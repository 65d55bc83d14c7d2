/**
 * The mail archive's table and file, matched as multisets: neither names what it says with an id the other knows, and
 * the same thing may truly have been done twice within a second.
 *
 * The file is read first, then the table, then what is left of the file: the archive writes a row before its line, so
 * a line that was there at the beginning has its row when the table is read. Held are 22 characters a distinct line.
 */
import { hash } from 'node:crypto'
import type { JsonObject } from '../../event/json.ts'
import { importLimits } from '../limits.ts'
import { readArchive, type FilePiece, type UnreadableLine } from './archive-file.ts'
import { matchKey } from './archive-line.ts'

/** Counts are exact; of ids and places the first 1,000 are named. */
export interface Reconciliation {
  files: readonly string[]
  /** Whole records in the files, those of torn lines too. */
  records: number
  matched: number
  rowsNotInFile: { count: number; ids: string[] }
  linesNotInTable: { count: number; places: string[] }
  /** Lines that hold less, or more, than one record: what was whole in them, and pieces imported as text. */
  tornLines: { count: number; places: string[]; recovered: number; pieces: number }
  unreadableLines: { count: number; places: string[] }
  /** Lines written while the import ran that have no row among those read: the next run looks at them. */
  writtenMeanwhile: number
}

export const differs = (found: Reconciliation): boolean =>
  [found.rowsNotInFile, found.linesNotInTable, found.tornLines, found.unreadableLines].some(({ count }) => count > 0)

const { differencesNamedMax } = importLimits

/** What the file has and the table has not. */
export type Left = { file: string; nth: number; key: string } & (FilePiece | UnreadableLine)

export class ArchiveMatching {
  readonly #files: readonly string[]
  readonly #signal: AbortSignal | undefined
  readonly #lines = new Map<string, number>()
  readonly #rows = new Map<string, string[]>()
  readonly #read = new Map<string, number>()
  #matched = 0
  #records = 0

  /** @param signal aborted: files are read no further */
  constructor(files: readonly string[], signal?: AbortSignal) {
    this.#files = files
    this.#signal = signal
  }

  /** @throws AuditError `input_malformed` */
  async readFiles(): Promise<void> {
    for (const file of this.#files)
      for await (const found of readArchive(file)) {
        if (this.#signal?.aborted === true) return
        this.#read.set(file, found.line)
        if (!('piece' in found) || found.piece.record === undefined) continue
        const digest = digestOf(matchKey(found.piece.record))
        this.#lines.set(digest, (this.#lines.get(digest) ?? 0) + 1)
        this.#records++
      }
  }

  row(id: string, record: JsonObject): void {
    const digest = digestOf(matchKey(record))
    if (this.#take(digest)) return
    const ids = this.#rows.get(digest)
    if (ids === undefined) this.#rows.set(digest, [id])
    else ids.push(id)
  }

  /** Yields what is to be imported from the files; returns what was found. */
  async *rest(): AsyncGenerator<Left, Reconciliation> {
    const linesNotInTable = new Named()
    const tornLines = new Named()
    const unreadableLines = new Named()
    const torn = { recovered: 0, pieces: 0 }
    const nths = new Map<string, number>()
    const left = (file: string, found: FilePiece | UnreadableLine, key: string): Left => {
      const digest = digestOf(key)
      const nth = (nths.get(digest) ?? 0) + 1
      nths.set(digest, nth)
      return { ...found, file, key, nth }
    }
    let writtenMeanwhile = 0
    for (const file of this.#files)
      for await (const found of readArchive(file)) {
        const place = `${file}:${found.line}`
        if (found.line > (this.#read.get(file) ?? 0)) {
          if (!this.#matchLate(found)) writtenMeanwhile++
        } else if (!('piece' in found)) {
          unreadableLines.add(place)
          if (found.bytes !== undefined) yield left(file, found, Buffer.from(found.bytes).toString('base64'))
        } else {
          const { isTorn, piece } = found
          if (isTorn) tornLines.add(place)
          if (isTorn) torn[piece.record === undefined ? 'pieces' : 'recovered']++
          const key = piece.record === undefined ? piece.text : matchKey(piece.record)
          if (piece.record !== undefined) {
            if (!this.#take(digestOf(key), 'left')) continue
            linesNotInTable.add(place)
          }
          yield left(file, found, key)
        }
      }
    const rows = [...this.#rows.values()].flat()
    return {
      files: this.#files,
      records: this.#records,
      matched: this.#matched,
      rowsNotInFile: { count: rows.length, ids: rows.slice(0, differencesNamedMax) },
      linesNotInTable: linesNotInTable.report(),
      tornLines: { ...tornLines.report(), ...torn },
      unreadableLines: unreadableLines.report(),
      writtenMeanwhile,
    }
  }

  /** One of the lines that say this, if one is left. */
  #take(digest: string, why: 'matched' | 'left' = 'matched'): boolean {
    const count = this.#lines.get(digest)
    if (count === undefined) return false
    if (count === 1) this.#lines.delete(digest)
    else this.#lines.set(digest, count - 1)
    if (why === 'matched') this.#matched++
    return true
  }

  /** A line that was written during the import, for a row that was, too. */
  #matchLate(found: FilePiece | UnreadableLine): boolean {
    if (!('piece' in found) || found.piece.record === undefined) return false
    const digest = digestOf(matchKey(found.piece.record))
    const ids = this.#rows.get(digest)
    if (ids === undefined) return false
    ids.pop()
    if (ids.length === 0) this.#rows.delete(digest)
    this.#records++
    this.#matched++
    return true
  }
}

/** A count, and the first of what is counted; a place twice in a row is one. */
class Named {
  #count = 0
  #last = ''
  readonly #places: string[] = []

  add(place: string): void {
    if (place === this.#last) return
    this.#last = place
    this.#count++
    if (this.#places.length < differencesNamedMax) this.#places.push(place)
  }

  report(): { count: number; places: string[] } {
    return { count: this.#count, places: this.#places }
  }
}

const digestOf = (key: string): string => hash('sha256', key, 'base64').slice(0, 22)
