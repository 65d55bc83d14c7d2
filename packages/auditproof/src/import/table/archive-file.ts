/** Reading the mail archive's file, piece by piece, with the number of the line each came from. */
import { decodeText } from '../records.ts'
import { readBytes } from '../source-bytes.ts'
import { splitLines } from '../lines.ts'
import { splitTorn, type Piece } from './archive-line.ts'

export interface FilePiece {
  line: number
  /** Whether it is not alone on its line, or not whole. */
  isTorn: boolean
  piece: Piece
}

/** A line that is not even text, or longer than a line may be. */
export interface UnreadableLine {
  line: number
  reason: string
  /** Absent where the line is too long to be held. */
  bytes?: Uint8Array
}

export async function* readArchive(file: string): AsyncGenerator<FilePiece | UnreadableLine> {
  for await (const line of splitLines(readBytes(file, undefined))) {
    const decoded = decodeText(line)
    if ('reason' in decoded) {
      yield { line: line.number, reason: decoded.reason, ...('bytes' in line && { bytes: line.bytes }) }
      continue
    }
    const pieces = splitTorn(decoded.text)
    const isTorn = pieces.length > 1 || pieces[0]?.record === undefined
    for (const piece of pieces) yield { line: line.number, isTorn, piece }
  }
}
