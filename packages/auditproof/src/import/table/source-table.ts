/** A table of another system, opened for reading; closed by whoever opened it. */
import { AuditError } from '../../errors.ts'

export interface SourceTable {
  /**
   * Which table it is, part of every id: `DATABASE/SCHEMA.TABLE`, or `FILE.db/TABLE`. Neither host nor login is in it:
   * a database that moves, or is reached by another way, is the same. Two of one name need `--instance`.
   */
  readonly instance: string
  /** For messages. */
  readonly where: string
  readonly columns: readonly string[]
  /**
   * Every row once, in the order of its key, as the text of one JSON object without the columns that are null: numbers
   * with all their digits, times in UTC with all of theirs. From the beginning on each time it is called.
   * @throws AuditError `store_unavailable` when the connection is lost, `input_malformed` for what cannot be read
   */
  rows(): AsyncGenerator<string, void>
  /** Ends a `rows()` that is under way, too. */
  close(): Promise<void>
}

/** Rows of one key would be taken for one another where a page ends between them. */
export const noUniqueKey = (where: string, detail: string): AuditError =>
  new AuditError('input_malformed', `${where} cannot be read row by row: ${detail}.`, {
    hint: 'make a view of it whose column id is unique and never null, and name that with --table',
  })
