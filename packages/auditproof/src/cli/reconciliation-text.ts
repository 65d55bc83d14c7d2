/** Where the mail archive's table and file disagree, as a person reads it. */
import { differs, type Reconciliation } from '../import/index.ts'
import { formatCount, plural } from './progress.ts'
import { escapeForTerminal } from './terminal.ts'

const namesShown = 10

export function reconciliationText(found: Reconciliation): string {
  const { files, records, matched, rowsNotInFile, linesNotInTable, tornLines, unreadableLines } = found
  const { writtenMeanwhile } = found
  const lines = [
    `${files.map(escapeForTerminal).join(', ')}: ${plural(records, 'record')}, ${formatCount(matched)} of them in the table`,
  ]
  const add = (count: number, says: string, names: readonly string[], unit: string): void => {
    if (count > 0) lines.push(`  ${says}: ${unit}${listed(names, count)}`)
  }
  add(
    rowsNotInFile.count,
    `${plural(rowsNotInFile.count, 'row')} of the table not in the file`,
    rowsNotInFile.ids,
    'id ',
  )
  add(
    linesNotInTable.count,
    `${plural(linesNotInTable.count, 'record')} of the file not in the table, imported as mailarchive-jsonl`,
    linesNotInTable.places,
    '',
  )
  add(
    tornLines.count,
    `${plural(tornLines.count, 'torn line')}, ${plural(tornLines.recovered, 'record')} recovered, ${plural(tornLines.pieces, 'piece')} imported as text`,
    tornLines.places,
    '',
  )
  add(
    unreadableLines.count,
    plural(unreadableLines.count, 'line that is no text', 'lines that are no text'),
    unreadableLines.places,
    '',
  )
  if (writtenMeanwhile > 0)
    lines.push(`  ${plural(writtenMeanwhile, 'line')} written meanwhile: import again to compare them`)
  lines.push(
    differs(found)
      ? 'table and file differ (times compared by the second: the file knows no more)'
      : 'table and file agree (times compared by the second: the file knows no more)',
  )
  return `${lines.join('\n')}\n`
}

function listed(names: readonly string[], count: number): string {
  const shown = names.slice(0, namesShown).map(escapeForTerminal).join(', ')
  return count > namesShown ? `${shown}, and ${formatCount(count - namesShown)} more` : shown
}
