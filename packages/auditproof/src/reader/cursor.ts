/**
 * A cursor: where a page ended, and of which list, so that it cannot be used with another. Opaque to clients;
 * not yet signed.
 */
import { AuditError } from '../errors.ts'
import { decodeBase64url, encodeBase64url } from '../log/index.ts'
import type { ListPosition } from '../store/store.ts'
import { filterNames, type Filter } from './filter.ts'

export function formatCursor(filter: Filter, before: ListPosition): string {
  const { recordedAt, log, index } = before
  return encodeBase64url(new TextEncoder().encode(JSON.stringify({ v: 1, filter, before: [recordedAt, log, index] })))
}

/** @throws AuditError `usage` */
export function parseCursor(text: string): { filter: Filter; before: ListPosition } {
  const bytes = text.length > cursorCharsMax ? undefined : decodeBase64url(text)
  const value = bytes && parseObject(new TextDecoder().decode(bytes))
  const filter = value?.['filter']
  const before = value?.['before']
  if (value?.['v'] !== 1 || !isFilter(filter) || !Array.isArray(before) || before.length !== 3) throw malformed()
  const [recordedAt, log, index] = before as unknown[]
  if (typeof recordedAt !== 'string' || !/^[0-9T:.-]{0,40}$/.test(recordedAt) || !isCount(log) || !isCount(index))
    throw malformed()
  return { filter, before: { recordedAt, log, index } }
}

const cursorCharsMax = 8_192

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isFilter = (value: unknown): value is Filter =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, text]) => (filterNames as readonly string[]).includes(name) && typeof text === 'string',
  )

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // not JSON: told as what it is, a malformed cursor
  }
}

const malformed = (): AuditError =>
  new AuditError('usage', 'This is no cursor of a list.', {
    hint: 'take the "next" of the page before as it is, or leave it out',
  })
