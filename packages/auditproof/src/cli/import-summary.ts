/** What an import did, as a person reads it. */
import type { ImportReport } from '../import/index.ts'
import { cutTo } from './columns.ts'
import { formatCount, plural } from './progress.ts'
import { escapeForTerminal } from './terminal.ts'

export const summaryOf = ({ read, imported, duplicates, malformed, notMapped }: ImportReport): string =>
  `${plural(read, 'record')} read: ${plural(imported, 'event')} imported, ${plural(duplicates, 'duplicate')}, ${malformed} malformed\n${namesOf(Object.entries(notMapped))}`

const namesShown = 20

/** What no mapping reads is not lost, and whoever imports sees how much of it there is. */
function namesOf(notMapped: readonly [string, number][]): string {
  if (notMapped.length === 0) return ''
  const shown = notMapped
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, namesShown)
    .map(([name, count]) => `${cutTo(escapeForTerminal(name), 60)} ${formatCount(count)}`)
  const more = notMapped.length > namesShown ? `, and ${formatCount(notMapped.length - namesShown)} more (--json)` : ''
  return `not mapped, kept in the original: ${shown.join(', ')}${more}\n`
}
