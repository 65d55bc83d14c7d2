/**
 * Cosignatures of C2SP tlog-cosignature, version 1: a witness says what it saw, and when.
 *
 *     signature = <time, seconds since 1970, uint64 big-endian> || <Ed25519 signature>
 *     over        "cosignature/v1\n" "time <time>\n" <text of the checkpoint>
 */
import { AuditError, assert } from '../errors.ts'
import { isCount } from './decimal.ts'
import { verifyEd25519 } from './ed25519.ts'
import { encodeUtf8 } from './utf8.ts'

export interface Cosignature {
  /** Seconds since 1970. */
  readonly time: number
  /** 64 bytes of Ed25519. */
  readonly signature: Uint8Array
}

const timeBytes = 8
const signatureBytes = 64

/** What the witness signs, from the text of the checkpoint as UTF-8. */
export function cosignatureMessage(time: number, text: Uint8Array): Uint8Array {
  assert(isCount(time), `a cosignature of second ${time}`)
  const prefix = encodeUtf8(`cosignature/v1\ntime ${time}\n`)!
  const message = new Uint8Array(prefix.length + text.length)
  message.set(prefix)
  message.set(text, prefix.length)
  return message
}

/** The bytes that stand for it in the signature line of a note. */
export function formatCosignature({ time, signature }: Cosignature): Uint8Array {
  assert(
    isCount(time) && signature.length === signatureBytes,
    `a cosignature of ${signature.length} bytes, second ${time}`,
  )
  const bytes = new Uint8Array(timeBytes + signatureBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time))
  bytes.set(signature, timeBytes)
  return bytes
}

export function parseCosignature(bytes: Uint8Array): Cosignature {
  if (bytes.length !== timeBytes + signatureBytes)
    throw new AuditError('note_malformed', `a cosignature has ${timeBytes + signatureBytes} bytes, not ${bytes.length}`)
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  if (!isCount(time)) throw new AuditError('note_malformed', `a cosignature of second ${time}`)
  return { time, signature: bytes.slice(timeBytes) }
}

export async function verifyCosignature(publicKey: Uint8Array, text: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length !== timeBytes + signatureBytes) return false
  const { time, signature } = parseCosignature(bytes)
  return verifyEd25519(publicKey, cosignatureMessage(time, text), signature)
}
