import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { importKinds, parseMapping, tableKindNames, tableKinds } from '../../src/import/index.ts'

const page = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8')

test('the mapping file that the page shows is one', () => {
  const [, mapping] = /```json\n([\s\S]*?)```/.exec(page)!
  expect(parseMapping(mapping!, 'csv', 'docs/import.md')).toMatchObject({ source: 'helpdesk', separator: ';' })
})

test('the page names every kind', () => {
  for (const kind of importKinds) expect(page, kind).toContain(`\`${kind}`)
})

test('the page names every system whose table can be read, and where it looks for the table', () => {
  for (const name of tableKindNames) expect(page).toContain(`| \`${name}\` | \`${tableKinds[name].table}\` |`)
})
