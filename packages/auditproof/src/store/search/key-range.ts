/** The keys that a match can be, as a range in the order of their UTF-8. */
import type { KeyMatch } from '../search.ts'

/** All keys of a match lie at or after the first and before the second. */
export function keyRange(match: Exclude<KeyMatch, { key: string }>): [from: string, before: string] {
  return 'from' in match ? [match.from, `${match.to}\u0000`] : [match.prefix, afterPrefix(match.prefix)]
}

/** The first text that comes after all that begin with this one. */
function afterPrefix(prefix: string): string {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop() ?? 0
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
