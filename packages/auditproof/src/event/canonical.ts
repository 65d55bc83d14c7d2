/**
 * RFC 8785, the JSON Canonicalization Scheme: members sorted by UTF-16 code units, numbers and strings as
 * ECMAScript writes them. The caller guarantees a finite depth and well-formed strings.
 */
import type { Json } from './json.ts'

export function canonicalize(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`
  let out = '{'
  for (const key of Object.keys(value).sort()) {
    if (out.length > 1) out += ','
    out += `${JSON.stringify(key)}:${canonicalize(value[key]!)}`
  }
  return `${out}}`
}
