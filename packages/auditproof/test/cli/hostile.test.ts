/** Ten thousand strings that somebody who is audited might write, through what an operator looks at. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { bareEnv, main, Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const eventCount = 2_000
const known = [
  '\u001b[2J\u001b[1;31mroot', '\u001b]0;title\u0007', '\u009b31m', '\u202egnp.exe', '\u2066x\u2069', '\u200b\u200d\ufeff', '\u2028\u2029',
  '\r\nforged 2026-01-01 admin', '\u0000\u0007\u0008\u007f', '=cmd|\'/C calc\'!A0', '+1', '-1', '@SUM(A1)', '\t=1', '＝1', ' =1', '"=1', '\n=1',
  '\u{e0041}\u{e0042}', '\ud800', 'ﷺ', '👩‍👩‍👧‍👦', '<script>alert(1)</script>', '%s%n', '${jndi:ldap://x}', '\u0085', '\u061c', '\u180e', '\u3164', '\uffa0',
] // prettier-ignore

const texts = fc
  .sample(
    fc.oneof(
      fc.constantFrom(...known),
      fc.string({ unit: 'binary', maxLength: 24 }),
      fc.tuple(fc.constantFrom(...known), fc.string({ unit: 'binary', maxLength: 8 })).map(([a, b]) => a + b),
      fc.string({ unit: fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)), maxLength: 24 }),
    ),
    { numRuns: 5 * eventCount, seed: 20_260 },
  )
  .map((text) => text.toWellFormed())

beforeAll(async () => {
  await using audit = createAudit({ data: place.path('auditproof-data'), tenant: 'acme' })
  const at = (i: number): string => texts[i]!
  await Promise.all(
    Array.from({ length: eventCount }, async (_, i) => {
      const [name, id, target, reason, detail] = [0, 1, 2, 3, 4].map((n) => at(5 * i + n)) as [
        string,
        string,
        string,
        string,
        string,
      ]
      while (true)
        try {
          return await audit.record('hostile.write', {
            id: `h${i}`,
            actor: { type: 'user', id, name },
            target: { type: 'file', id: target },
            outcome: 'denied',
            reason,
            details: { [detail]: detail },
          })
        } catch (error) {
          if ((error as { code?: string }).code !== 'queue_full') throw error
          await new Promise((resolve) => setTimeout(resolve, 10))
        }
    }),
  )
})

/** Controls but line ends; bidi and other format characters; line separators; what Unicode allows to be invisible. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

async function tailed(format: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=auditproof-source', main, 'tail', '--tenant', 'acme', '-n', 'all', '-o', format],
    { cwd: place.folder, env: bareEnv },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr.resume()
  while (!text.includes(`h${eventCount - 1}`) || !text.endsWith('\n')) await once(child.stdout, 'data')
  child.kill('SIGINT')
  await once(child, 'close')
  return text
}

test.each(['short', 'full', 'jsonl'])(
  'nothing of them acts on a terminal through tail -o %s',
  async (format) => {
    const lines = (await tailed(format)).split('\n').slice(0, -1)
    expect(lines.filter((line) => acting.test(line))).toEqual([])
    if (format === 'short') expect(lines).toHaveLength(eventCount)
    if (format !== 'jsonl') return
    // An independent parser reads back what the store holds, to the letter.
    const parsed = lines.map((line) => {
      const { cursor: _, ...event } = JSON.parse(line) as { id: string; details: object; cursor?: string }
      return event
    })
    expect(parsed).toHaveLength(eventCount)
    const { stdout } = await place.here(['log', '-n', 'all', '-o', 'json'])
    expect(new Map(parsed.map((event) => [event.id, event]))).toEqual(
      new Map((JSON.parse(stdout) as { id: string }[]).map((event) => [event.id, event])),
    )
  },
  120_000,
)

test('no cell of the CSV is a formula, and every line is one event', async () => {
  const { stdout } = await place.here(['log', '-n', 'all', '-o', 'csv'])
  const rows = parse(stdout)
  expect(rows).toHaveLength(eventCount + 1)
  const formula = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}"]*[=+\-@＝＋－＠\t\r]/u
  for (const row of rows) {
    expect(row).toHaveLength(rows[0]!.length)
    for (const cell of row) expect(cell).not.toMatch(formula)
  }
  expect(
    stdout
      .replaceAll('\r\n', '')
      .split('\n')
      .filter((line) => acting.test(line)),
  ).toEqual([])
}, 120_000)
