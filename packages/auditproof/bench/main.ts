/**
 * npm run bench [-- --rounds 5 --seconds 2 --only record|verify|tenants|reading|postgres|postgres-reading]
 * For reading also --sizes 100000,1000000 and --keep DIR, where the stores stay for the next run.
 * Prints tables. Needs a quiet machine; nothing else should run.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rawFdatasync } from './disk.ts'
import { fill, type Fill } from './fill.ts'
import { startPostgresBench } from './postgres.ts'
import { benchReading } from './reading.ts'
import { record } from './record.ts'
import { interleave, table, type Result } from './rounds.ts'
import { bulkInsert, insertPerTransaction, unsealed } from './sqlite-baselines.ts'
import { sqliteStore } from '../src/store/sqlite/index.ts'
import type { Store } from '../src/store/store.ts'
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
      open: (filling) => openFilled(join(values.keep ?? directory, `reading-${filling.size}`), filling),
      sizes: values.sizes.split(',').map(Number),
      queries: Number(values.queries),
      rounds,
    })
  if (wanted('postgres')) await benchPostgres()
  if (wanted('postgres-reading')) {
    const postgres = await startPostgresBench(directory)
    try {
      await benchReading({
        open: postgres.openFilled,
        sizes: values.sizes.split(',').map(Number),
        queries: Number(values.queries),
        rounds,
      })
    } finally {
      await postgres.stop()
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function openFilled(data: string, filling: Omit<Fill, 'path'>): Promise<Store> {
  mkdirSync(data, { recursive: true })
  const path = join(data, 'audit.db')
  fill({ path, ...filling })
  return sqliteStore({ path, name: 'bench.example', readOnly: true })
}

async function benchPostgres(): Promise<void> {
  const postgres = await startPostgresBench(directory)
  const names = {
    record: 'record(), 512 callers, published',
    tenants: 'record(), 512 callers, 1,000 tenants',
    one: 'record(), 1 caller',
    pool64: 'one INSERT a call, 64 connections, 512 callers',
    copy: 'COPY of 50,000 rows into a table with the same indexes',
    bare: 'a transaction of the application, 1 connection',
    audited: 'the same with in(tx).record()',
    bare8: 'a transaction of the application, 8 connections',
    audited8: 'the same with in(tx).record(), all of it appended meanwhile',
  }
  try {
    const results = await interleave(
      disk,
      [
        { name: names.record, run: () => postgres.record(512, ms) },
        { name: names.copy, run: () => postgres.copy(50_000) },
        { name: names.pool64, run: () => postgres.insertPerCall(64, 512, ms) },
        { name: names.tenants, run: () => postgres.record(512, ms, 1_000) },
        { name: names.one, run: () => postgres.record(1, ms) },
        { name: names.bare, run: () => postgres.transaction(1, ms, false) },
        { name: names.audited, run: () => postgres.transaction(1, ms, true) },
        { name: names.bare8, run: () => postgres.transaction(8, ms, false) },
        { name: names.audited8, run: () => postgres.transaction(8, ms, true) },
      ],
      rounds,
    )
    console.log(`## PostgreSQL\n\n${table(results)}\n`)
    const of = (name: string): Result => results.find((result) => result.name === name)!
    ratios([
      ['512 callers against COPY', of(names.record).rate / of(names.copy).rate, '0.45×', '0.75×'],
      [
        '512 callers against one INSERT a call, 64 connections',
        of(names.record).rate / of(names.pool64).rate,
        '4×',
        '8×',
      ],
      ['1,000 tenants against one', of(names.tenants).rate / of(names.record).rate, '0.50×', '0.80×'],
      [
        'p50 of in(tx) against the bare transaction',
        of(names.audited).p50! / of(names.bare).p50!,
        '≤ 1.30×',
        '≤ 1.15×',
      ],
      ['the same, 8 connections', of(names.audited8).p50! / of(names.bare8).p50!, '–', '–'],
    ])
  } finally {
    await postgres.stop()
  }
}

async function benchRecord(): Promise<void> {
  const postgres = await startPostgresBench(directory)
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
