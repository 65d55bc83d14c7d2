import { AuditError } from '../errors.ts'

/** A stretch of a query, for telling what is wrong with it. */
export interface Stretch {
  readonly query: string
  /** UTF-16 units from the beginning of the query. */
  readonly start: number
  readonly end: number
}

const shownUnits = 80

/**
 * @param message a sentence without its full stop: where it is wrong is added
 */
export function refuse({ query, start, end }: Stretch, message: string, hint: string): AuditError {
  const piece = query.slice(start, end)
  const shown = piece.length > shownUnits ? `${piece.slice(0, shownUnits)}…` : piece
  return new AuditError('usage', `${message}, at ${start} of the query: ${shown.toWellFormed()}`, {
    hint,
    place: { offset: start, piece },
  })
}
