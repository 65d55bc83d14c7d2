import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { columnTable, keyTable } from '../../scripts/doc-tables.ts'
import { limitsPage } from '../../scripts/limits-table.ts'
import { parseQuery } from '../../src/query/index.ts'

const packageRoot = fileURLToPath(new URL('../..', import.meta.url))
const page = (name: string): string => readFileSync(new URL(`../../../../${name}`, import.meta.url), 'utf8')
const work = mkdtempSync(join(tmpdir(), 'auditproof-docs-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

describe('the README', () => {
  it('has code that runs, and prints the ack it shows', () => {
    const [, code] = /```ts\n([\s\S]*?)```/.exec(page('README.md'))!
    const script = join(work, 'readme.ts')
    writeFileSync(script, code!.replace("'auditproof'", JSON.stringify(join(packageRoot, 'src/index.ts'))))
    const out = execFileSync(process.execPath, ['--conditions=auditproof-source', script], {
      cwd: work,
      encoding: 'utf8',
    })
    expect(out).toMatch(/tenant: 'default',\s+state: 'stored',[\s\S]*index: 0,/)
  })

  it('names the two commands that do all the set-up', () => {
    expect(page('README.md')).toContain('npm ci && npm start')
    expect(page('README.md')).toContain('npm ci && npm test')
  })
})

it('the page of limits says what the code says (npm run docs:limits --workspace auditproof)', () => {
  expect(page('docs/limits.md')).toBe(limitsPage())
})

describe('the page of the search grammar', () => {
  it('has the keys that the code has (npm run docs:tables --workspace auditproof)', () => {
    expect(page('docs/search.md')).toContain(keyTable())
  })

  it('has examples that are read', () => {
    const examples = [...page('docs/search.md').matchAll(/^```query\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
      block!.trimEnd().split('\n'),
    )
    expect(examples.length).toBeGreaterThan(5)
    for (const example of examples) expect(parseQuery(example).terms.length).toBeGreaterThan(0)
  })
})

it('the page of CSV has the columns that the code has (npm run docs:tables --workspace auditproof)', () => {
  expect(page('docs/csv.md')).toContain(columnTable())
})
