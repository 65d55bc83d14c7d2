import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { afterMigration, migrate, migrations } from '../../store/postgres/migrate.ts'
import { openPool } from '../../store/postgres/open.ts'
import type { Cli } from '../cli.ts'

const examples = `Examples:
  AUDITPROOF_STORE=postgres://admin@db.example.com/app auditproof migrate
  auditproof migrate --dry-run --store postgres://admin@db.example.com/app
  auditproof migrate --print > auditproof.sql                   for an administrator to read, and to run with psql -1 -f
`

const notes = `
Needs a login that may make roles and a schema; the application's own login may not, and should not be able to.
All of it is one transaction. Several may run at once: one does it, the others find it done.`

interface Options {
  dryRun?: boolean
  print?: boolean
}

export function define(command: Command, cli: Cli): void {
  command
    .option('--dry-run', 'say what would be done')
    .option('--print', 'print the SQL of all migrations, and connect to nothing')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action((options: Options) => run(options, cli))
}

async function run({ dryRun = false, print = false }: Options, cli: Cli): Promise<void> {
  const { io } = cli
  if (print) return io.write(printed())
  const { database, storePlace } = cli.places()
  if (database === undefined)
    throw new AuditError('usage', 'An SQLite store needs no migrate: its tables are made when it is opened.', {
      hint: 'name a database: --store postgres://admin@host/database, or AUDITPROOF_STORE',
    })
  const { pool, end } = await openPool({ database, connections: 1 })
  try {
    const { applied, present } = await migrate(pool, { dryRun })
    for (const name of applied) await io.write(`${dryRun ? 'would apply' : 'applied'} ${name}\n`)
    if (applied.length === 0) await io.write(`${storePlace}: nothing to do, ${present.length} migrations are applied\n`)
  } finally {
    await end()
  }
}

/** As one script: each migration, and the row that says it is applied. */
function printed(): string {
  const parts = migrations().map(
    ({ name, sql, sha256 }) => `-- ${name}\n${sql}\n${afterMigration(name, sha256).join(';\n')};\nRESET ROLE;\n`,
  )
  return `-- The schema of auditproof. Run it in one transaction: psql -1 -v ON_ERROR_STOP=1 -f THIS\n\n${parts.join('\n')}`
}
