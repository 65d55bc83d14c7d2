/** A size or an index as C2SP writes it: `0|[1-9][0-9]*`, here at most 2^53-1. Anything else is `undefined`. */
export function parseDecimal(text: string): number | undefined {
  const value = Number(text)
  // Re-encode: Number() also takes "007", "0x10", "1e3", "" and " 12 ".
  return isCount(value) && String(value) === text ? value : undefined
}

/** What a size or an index may be once inside. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
