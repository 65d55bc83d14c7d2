/** Words in a row, which the index does not know: looked for in the texts of the event itself. */
import { searchTexts, wordsIn, type ClearMembers } from '../event/index.ts'
import type { ReadEvent } from './event.ts'

export function hasPhrase(event: ReadEvent, { words, prefix }: { words: readonly string[]; prefix: boolean }): boolean {
  for (const text of searchTexts(event as ClearMembers, valuesOf(event)))
    if (standsIn(wordsIn(text), words, prefix)) return true
  return false
}

function standsIn(all: readonly string[], words: readonly string[], prefix: boolean): boolean {
  return all.some((_, from) =>
    words.every((word, i) => {
      const found = all[from + i]
      return prefix && i === words.length - 1 ? found?.startsWith(word) === true : found === word
    }),
  )
}

function valuesOf({ actor, targets, scope, changes, details, reason }: ReadEvent): Parameters<typeof searchTexts>[1] {
  return {
    ...(actor && { actor }),
    ...(targets && { target: { targets, ...(scope && { scope }) } }),
    ...(changes && { changes }),
    details: { ...(details && { details }), ...(reason && { reason }) },
  }
}
