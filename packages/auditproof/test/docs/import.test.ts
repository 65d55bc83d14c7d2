import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { importKinds, parseMapping } from '../../src/import/index.ts'

const page = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8')

test('the mapping file that the page shows is one', () => {
  const [, mapping] = /```json\n([\s\S]*?)```/.exec(page)!
  expect(parseMapping(mapping!, 'csv', 'docs/import.md')).toMatchObject({ source: 'helpdesk', separator: ';' })
})

test('the page names every kind', () => {
  for (const kind of importKinds) expect(page, kind).toContain(`\`${kind}`)
})
