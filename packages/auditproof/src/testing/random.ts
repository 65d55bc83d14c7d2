/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Random {
  /** A whole number from 0 to below `end`. */
  below: (end: number) => number
  pick: <T>(items: readonly T[]) => T
}

/** Mulberry32. */
export function random(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { below, pick: (items) => items[below(items.length)]! }
}
