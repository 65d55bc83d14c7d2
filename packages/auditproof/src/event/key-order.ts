/**
 * The order of two keys in every store: that of their UTF-8, which is that of their characters. JavaScript compares
 * UTF-16 instead, where the halves of what lies beyond U+FFFF come before U+E000.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unit !== other) return rank(unit) - rank(other)
  }
  return a.length - b.length
}

/** Halves behind all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
