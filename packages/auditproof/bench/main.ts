/**
 * npm run bench [-- --rounds 5 --seconds 2 --only record|verify|tenants|reading]
 * For reading also --sizes 100000,1000000 and --keep DIR, where the stores stay for the next run.
 * Prints tables and, with --out FILE, appends them there. Needs a quiet machine; nothing else should run.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rawFdatasync } from './disk.ts'
import { startPostgres } from './postgres-baseline.ts'
import { benchReading } from './reading.ts'
import { record } from './record.ts'
import { interleave, table, type Result } from './rounds.ts'
import { bulkInsert, insertPerTransaction, unsealed } from './sqlite-baselines.ts'
import { prepareStore } from './verify.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
    events: { type: 'string', default: '200000' },
    sizes: { type: 'string', default: '100000' },
    queries: { type: 'string', default: '300' },
    keep: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const ms = Number(values.seconds) * 1_000
const directory = mkdtempSync(join(process.env['AUDITPROOF_BENCH_DIR'] ?? tmpdir(), 'auditproof-bench-'))
chmodSync(directory, 0o755) // the PostgreSQL server runs as a user of its own
const disk = { name: 'raw: 4 KiB + fdatasync', run: () => rawFdatasync(directory, ms / 4) }
const wanted = (suite: string): boolean => values.only === undefined || values.only === suite

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}; ${rounds} rounds of ${ms} ms\n`,
)
try {
  if (wanted('record')) await benchRecord()
  if (wanted('tenants')) await benchTenants()
  if (wanted('verify')) await benchVerify()
  if (wanted('reading'))
    await benchReading({
      directory: values.keep ?? directory,
      sizes: values.sizes.split(',').map(Number),
      queries: Number(values.queries),
      rounds,
    })
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function benchRecord(): Promise<void> {
  const postgres = await startPostgres()
  const names = {
    pool4: 'PostgreSQL, one INSERT a call, 4 connections, 64 callers',
    pool64: 'PostgreSQL, one INSERT a call, 64 connections, 64 callers',
    perTransaction: 'SQLite, one INSERT a transaction, three indexes',
    unsealed64: 'the same tables and commits, unsealed, 64 callers',
    unsealed512: 'the same tables and commits, unsealed, 512 callers',
    bulk: 'the same tables, bulk insert of 10,000 rows, unsealed',
    record1: 'record(), 1 caller',
    record64: 'record(), 64 callers',
    record512: 'record(), 512 callers',
  }
  try {
    const results = await interleave(
      disk,
      [
        { name: names.record64, run: () => record(directory, 64, ms) },
        { name: names.unsealed64, run: () => unsealed(directory, 64, ms) },
        { name: names.pool4, run: () => postgres.insertPerCall(4, 64, ms) },
        { name: names.pool64, run: () => postgres.insertPerCall(64, 64, ms) },
        { name: names.perTransaction, run: () => insertPerTransaction(directory, ms) },
        { name: names.record512, run: () => record(directory, 512, ms) },
        { name: names.unsealed512, run: () => unsealed(directory, 512, ms) },
        { name: names.bulk, run: () => bulkInsert(directory, ms) },
        { name: names.record1, run: () => record(directory, 1, ms) },
      ],
      rounds,
    )
    console.log(`## record()\n\n${table(results)}\n`)
    const of = (name: string): Result => results.find((result) => result.name === name)!
    const raw = results[0]!
    const [r1, r64, r512] = [of(names.record1), of(names.record64), of(names.record512)]
    ratios([
      ['64 callers against one INSERT a call, 4 connections', r64.rate / of(names.pool4).rate, '3×', '10×'],
      ['64 callers against one INSERT a call, 64 connections', r64.rate / of(names.pool64).rate, '2×', '6×'],
      ['64 callers against one INSERT a transaction on SQLite', r64.rate / of(names.perTransaction).rate, '18×', '50×'],
      ['64 callers against the same unsealed', r64.rate / of(names.unsealed64).rate, '0.80×', '0.90×'],
      ['512 callers against the same unsealed', r512.rate / of(names.unsealed512).rate, '0.80×', '0.90×'],
      ['512 callers against bulk insert', r512.rate / of(names.bulk).rate, '–', '–'],
      [
        'p99 at 64 callers against one INSERT a call, 4 connections',
        r64.p99! / of(names.pool4).p99!,
        '1/15 = 0.067×',
        '1/40 = 0.025×',
      ],
      ['p50 of one caller against raw fdatasync', r1.p50! / raw.p50!, '2×', '1.3×'],
    ])
  } finally {
    await postgres.stop()
  }
}

async function benchTenants(): Promise<void> {
  const results = await interleave(
    disk,
    [
      { name: 'record(), 512 callers, one tenant', run: () => record(directory, 512, ms) },
      { name: 'record(), 512 callers, 1,000 tenants', run: () => record(directory, 512, ms, 1_000) },
    ],
    rounds,
  )
  console.log(`## Many tenants\n\n${table(results)}\n`)
  ratios([['1,000 tenants against one', results[2]!.rate / results[1]!.rate, '0.50×', '0.80×']])
}

async function benchVerify(): Promise<void> {
  const store = await prepareStore(directory, Number(values.events))
  const results = await interleave(
    disk,
    [
      { name: `read the rows of ${values.events} events`, run: store.readRows },
      { name: `verify ${values.events} events, everything`, run: store.verifyAll },
    ],
    rounds,
  )
  await store.close()
  console.log(`## verify\n\n${table(results)}\n`)
  ratios([['verify everything against reading the rows', results[2]!.rate / results[1]!.rate, '–', '–']])
  console.log(`1,000,000 events at this rate: ${(1e6 / results[2]!.rate).toFixed(1)} s\n`)
}

function ratios(rows: readonly [string, number, string, string][]): void {
  console.log('| ratio, inside this run | measured | reach | goal |\n|---|---:|---:|---:|')
  for (const [name, value, reach, goal] of rows)
    console.log(`| ${name} | ${value.toFixed(value < 1 ? 3 : 2)}× | ${reach} | ${goal} |`)
  console.log()
}
