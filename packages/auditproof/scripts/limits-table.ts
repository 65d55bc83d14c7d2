// Writes docs/limits.md from the limits in the code: `node --conditions=auditproof-source scripts/limits-table.ts`.
// A test compares the page with what this gives.
import { readFileSync, writeFileSync } from 'node:fs'

const sources = [
  ['An event', 'event/limits.ts'],
  ['The door', 'recorder/limits.ts'],
  ['The store', 'store/limits.ts'],
  ['PostgreSQL', 'store/postgres/limits.ts'],
  ['A query', 'query/limits.ts'],
  ['Reading and following', 'reader/limits.ts'],
  ['Signing and publishing', 'sequencer/limits.ts'],
  ['Threads', 'thread/limits.ts'],
  ['Importing', 'import/limits.ts'],
  ['The server', 'http/limits.ts'],
] as const

export function limitsPage(): string {
  const sections = sources.map(([title, path]) => {
    const text = readFileSync(new URL(`../src/${path}`, import.meta.url), 'utf8')
    const rows: string[] = []
    let comment = ''
    for (const line of text.slice(text.indexOf('{')).split('\n')) {
      const said = /^\s*\/\*\*\s*(.*?)\s*\*\/$/.exec(line)?.[1]
      const [, name, value] = /^\s*(\w+):\s*(.+?),(?:\s*\/\/.*)?$/.exec(line) ?? []
      if (said !== undefined) comment = said
      if (name === undefined || value === undefined) continue
      const number = value
        .split('*')
        .reduce((product, factor) => product * Number(factor.replaceAll('_', '').trim()), 1)
      rows.push(`| \`${name}\` | ${number.toLocaleString('en')} | ${comment} |`)
      comment = ''
    }
    return `## ${title}\n\n| name | value | meaning, unit |\n|---|---:|---|\n${rows.join('\n')}\n`
  })
  return `# Limits\n\nEvery limit has a name in the code. This page is made from there by \`npm run docs:limits\`.\n\n${sections.join('\n')}`
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(new URL('../../../docs/limits.md', import.meta.url), limitsPage())
