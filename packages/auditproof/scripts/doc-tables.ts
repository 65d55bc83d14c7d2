// Writes the tables in docs/search.md and docs/csv.md from the code:
// `node --conditions=auditproof-source scripts/doc-tables.ts`. A test compares the pages with what this gives.
import { readFileSync, writeFileSync } from 'node:fs'
import { describeKey, queryKeys } from '../src/query/index.ts'
import { csvColumns } from '../src/reader/index.ts'

export const keyTable = (): string =>
  ['| key | finds |', '|---|---|', ...queryKeys.map((key) => `| \`${key}:\` | ${describeKey(key)} |`)].join('\n')

export const columnTable = (): string =>
  ['| column | says |', '|---|---|', ...csvColumns.map(({ name, about }) => `| \`${name}\` | ${about} |`)].join('\n')

function writeTable(name: string, table: string): void {
  const page = new URL(`../../../docs/${name}`, import.meta.url)
  const [head] = table.split('\n', 1) as [string]
  const [before, after = ''] = readFileSync(page, 'utf8').split(head)
  writeFileSync(page, before + table + after.slice(after.search(/\n\n|$/)))
}

if (process.argv[1] === import.meta.filename) {
  writeTable('search.md', keyTable())
  writeTable('csv.md', columnTable())
}
