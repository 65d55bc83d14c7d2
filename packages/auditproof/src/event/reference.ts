/** Targets and scope: `{ type, id, name? }`, or `'case/c_12'` for short. */
import type { Reference } from './event.ts'

/** The part before the first "/" is the type: ids may hold more of them, types may not. */
export function parseReference(text: string): Reference {
  const slash = text.indexOf('/')
  return slash <= 0 ? { type: 'unknown', id: text } : { type: text.slice(0, slash), id: text.slice(slash + 1) }
}

export const formatReference = (reference: { type: string; id?: string }): string =>
  reference.id === undefined ? reference.type : `${reference.type}/${reference.id}`
