/**
 * What all cursors have in common: JSON in base64url under a code that only holders of the key can make. Opaque, so that
 * its shape may change; not secret.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { queryLimits } from '../query/index.ts'
import { limits } from '../event/index.ts'
import { decodeBase64url, encodeBase64url } from '../log/index.ts'

const macBytes = 16

/** One unit as JSON: `\u0000` and halves of a pair are written out in six bytes, all else is shorter. */
const unitBytesMax = 6

/** Numbers, flags and what JSON puts between them. */
const frameBytesMax = 256

/** The longest cursor that is read, characters. Nothing longer is made: of a query and a tenant at their limits. */
export const cursorCharsMax: number = Math.ceil(
  ((queryLimits.queryUnitsMax + limits.tenantUnitsMax) * unitBytesMax + frameBytesMax + macBytes) * (4 / 3),
)

/** @param purpose cursors of one are none of another @param key at least 32 secret bytes */
export function signCursor(purpose: string, payload: readonly unknown[], key: Uint8Array): string {
  const bytes = Buffer.from(JSON.stringify(payload))
  return encodeBase64url(Buffer.concat([bytes, macOf(purpose, bytes, key)]))
}

/** @returns the payload; undefined for all that this key has not signed for this purpose */
export function openCursor(purpose: string, text: string, key: Uint8Array): unknown[] | undefined {
  const bytes = text.length > cursorCharsMax ? undefined : decodeBase64url(text)
  if (bytes === undefined || bytes.length <= macBytes) return undefined
  const payload = bytes.subarray(0, -macBytes)
  if (!timingSafeEqual(macOf(purpose, payload, key), bytes.subarray(-macBytes))) return undefined
  return JSON.parse(new TextDecoder().decode(payload)) as unknown[]
}

const macOf = (purpose: string, payload: Uint8Array, key: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(`${purpose}\n`).update(payload).digest().subarray(0, macBytes)
