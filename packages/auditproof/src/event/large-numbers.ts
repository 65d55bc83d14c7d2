/**
 * A reviver for parseJson: integers beyond 2^53 become the text they were written as, so that two ids never round
 * to one. What they were written as is ES2026 (proposal-json-parse-with-source), in V8 since 11.4.
 */
export function keepLarge(_key: string, value: unknown, context?: { source?: string }): unknown {
  const isLarge =
    typeof value === 'number' && !Number.isSafeInteger(value) && (Number.isInteger(value) || !Number.isFinite(value))
  return isLarge ? (context?.source ?? String(value)) : value
}
