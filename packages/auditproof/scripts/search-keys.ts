// Writes the table of keys in docs/search.md from the keys in the code:
// `node --conditions=auditproof-source scripts/search-keys.ts`. A test compares the page with what this gives.
import { readFileSync, writeFileSync } from 'node:fs'
import { describeKey, queryKeys } from '../src/query/index.ts'

export const keyTable = (): string =>
  ['| key | finds |', '|---|---|', ...queryKeys.map((key) => `| \`${key}:\` | ${describeKey(key)} |`)].join('\n')

if (process.argv[1] === import.meta.filename) {
  const page = new URL('../../../docs/search.md', import.meta.url)
  writeFileSync(page, readFileSync(page, 'utf8').replace(/^\| key [\s\S]*?(?=\n\n)/m, keyTable()))
}
