import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { copyDatabase } from '../../store/sqlite/copy.ts'
import { makeDirectory } from '../../store/sqlite/directory.ts'
import { copyKeys, keyNames, placeForBackup } from '../backup-place.ts'
import type { Cli } from '../cli.ts'
import { holdsText, verifyCopy, whatItHolds, withCopy, type Holds } from '../copy-check.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { absolute, refuseDatabase } from '../globals.ts'
import { formatCount, openProgress } from '../progress.ts'
import { escapeForTerminal } from '../terminal.ts'
import { openAudit, ownKey, quoted } from '../trail.ts'

interface Options {
  /** Only ever false: an option that is defined after the parsing began gets no default. */
  verify?: false
  withKeys?: boolean
  readOnly?: boolean
}

const examples = `Examples:
  auditproof backup /backup/2026-11-22                 a directory, with audit.db in it
  auditproof backup /backup/2026-11-22.db              a single file
  auditproof backup /safe/2026-11-22 --with-keys       also what signs: only to where nobody else reads
`

const notes = `
A whole copy of one moment, made while others go on recording. It is synced, verified, and named last: what is called
audit.db is complete (…incomplete-… is what was interrupted). Nothing is overwritten. That it was made is recorded in
_system, unless --read-only.
Not in it: signer.key (whoever has it signs in your name), signer.db (it must outlive the store, to notice that an older
copy came back) and import.key. Keep copies of them apart. Exit code 1: the copy does not verify.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('<place>', 'directory, or file ending in .db')
    .option('--no-verify', 'do not verify the copy')
    .option('--with-keys', 'signer.key, signer.db and import.key too')
    .option('--read-only', 'record nothing in the store')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (place: string, options: Options) => cli.end(await run(place, options, cli)))
}

async function run(given: string, options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const places = cli.places()
  refuseDatabase(places, 'backup')
  const { storePath, directory } = placeForBackup(given)
  if (options.withKeys === true && directory === undefined)
    throw new AuditError('usage', 'A single file has no room for keys.', { hint: `name a directory: auditproof backup ${quoted(given.replace(/\.db$/, ''))} --with-keys` }) // prettier-ignore
  if (!existsSync(places.storePath))
    throw new AuditError('store_unavailable', `There is no audit store at ${places.storePath}.`, { hint: 'name its directory with --data' }) // prettier-ignore
  makeDirectory(directory ?? dirname(storePath))
  // The state of the signer first: the store grows meanwhile, and must never be behind what its signer knows.
  const keys = options.withKeys === true ? await copyKeys(places, { data: directory!, signer: directory! }) : []
  const progress = openProgress(io)
  const draft = await copyDatabase(places.storePath, storePath, {
    onProgress: (bytes, total) => progress.show(`copying: ${formatCount(bytes)} of about ${formatCount(total)} bytes`),
  }).finally(() => progress.end())
  draft.keep()

  const { holds, report } = await withCopy(storePath, async (store) => ({
    holds: await whatItHolds(store),
    report: options.verify !== false ? await verifyCopy(store, ownKey(places), undefined, io) : undefined,
  }))
  await io.write(`${escapeForTerminal(storePath)}: ${holdsText(holds, draft.bytes)}`)
  await io.write(notInIt(keys))
  if (options.readOnly !== true) await recordBackup(holds, draft.bytes, absolute(storePath), keys, cli)
  if (report?.verdict === 'tampered') {
    io.note('auditproof: the copy does not verify, as the store itself may not.', 'red')
    io.note('  → auditproof verify, for the store in use')
    return exitCodes.tampered
  }
  await io.write(report === undefined ? 'not verified\n' : `verified: whole, and consistent with its checkpoints\n`)
  return exitCodes.ok
}

function notInIt(keys: readonly string[]): string {
  const left = keyNames.filter((name) => !keys.includes(name))
  return left.length === 0 ? 'with its keys: keep it where nobody else reads\n' : `not in it: ${left.join(', ')}\n`
}

/** A backup is made all the same where nothing can be recorded, as with a store that must not be written to. */
async function recordBackup(holds: Holds, bytes: number, to: string, keys: string[], cli: Cli): Promise<void> {
  const { logs, entries, checkpoint } = holds
  try {
    const audit = await openAudit(cli.places(), { ...cli.globals() }, cli.io)
    try {
      await audit.system.record('store.backup', {
        target: { type: 'store', id: holds.name },
        details: { to, bytes, logs, entries, keys, ...(checkpoint && { checkpoint }) },
      })
    } finally {
      await audit.close()
    }
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    cli.io.note(`! that it was made is not recorded: ${error.message}`, 'yellow')
  }
}
