import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import type { RolledBackLog } from '../../event/index.ts'
import { openKey } from '../../sequencer/key-file.ts'
import { rolledBackLogs } from '../../sequencer/rollback.ts'
import type { Store } from '../../store/store.ts'
import { copyDatabase, type Draft } from '../../store/sqlite/copy.ts'
import { makeDirectory } from '../../store/sqlite/directory.ts'
import { isTaken, setAside } from '../../store/sqlite/set-aside.ts'
import { acceptOlderCopy, noteRolledBack } from '../accept-rollback.ts'
import { copyKeys, placeOfBackup, type BackupPlace } from '../backup-place.ts'
import type { Cli } from '../cli.ts'
import { holdsText, verifyCopy, whatItHolds, withCopy } from '../copy-check.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { refuseDatabase, type Places } from '../globals.ts'
import { formatCount, openProgress } from '../progress.ts'
import { readSignerStates } from '../signer-states.ts'
import { escapeForTerminal } from '../terminal.ts'

interface Options {
  replace?: boolean
  acceptRollback?: boolean
  confirm?: string
}

const examples = `Examples:
  auditproof restore /backup/2026-11-22 --data /var/lib/auditproof
  auditproof restore /backup/2026-11-22 --replace      the store that is there is moved aside
  auditproof restore --accept-rollback                 go on with an older copy, for good
`

const notes = `
The copy is verified before it gets its place. Nothing is deleted: --replace moves the store that is there into a directory
replaced-… beside it. Keys are taken from the backup only where there are none.
An older copy than what was signed can be read, and is not written to (exit code 1) until a person accepts that: it is a
rollback, and stays one for whoever holds a newer checkpoint.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('[backup]', 'what auditproof backup has written')
    .option('--replace', 'move the store that is there aside')
    .option('--accept-rollback', 'go on writing to an older copy')
    .option('--confirm <name>', 'name of the store, where nobody can be asked')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (backup: string | undefined, options: Options) => cli.end(await run(backup, options, cli)))
}

async function run(given: string | undefined, options: Options, cli: Cli): Promise<ExitCode> {
  if ((given === undefined) === (options.acceptRollback !== true))
    throw new AuditError('usage', 'Name a backup to restore, or --accept-rollback: one of the two.', {
      hint: 'first restore, then read what is missing, then accept it',
    })
  if (given === undefined) {
    await acceptOlderCopy(options.confirm, cli)
    return exitCodes.ok
  }
  return restore(placeOfBackup(given), options.replace === true, cli)
}

async function restore(backup: BackupPlace, replace: boolean, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const places = cli.places()
  refuseDatabase(places, 'restore')
  if (isTaken(places.storePath) && !replace)
    throw new AuditError('usage', `There is a store in ${places.data} already.`, {
      hint: 'name an empty place with --data; or --replace, which moves the one that is there aside',
    })
  makeDirectory(places.data)
  const progress = openProgress(io)
  // Under a name that is free for certain: the store that is there stays in its place until the copy is good.
  const draft = await copyDatabase(backup.storePath, join(places.data, draftName()), {
    onProgress: (bytes, total) => progress.show(`copying: ${formatCount(bytes)} of about ${formatCount(total)} bytes`),
  }).finally(() => progress.end())
  let lost: RolledBackLog[]
  try {
    lost = await withCopy(draft.path, (store) => examine(store, backup, draft, cli))
    if (isTaken(places.storePath)) moveAside(places, cli)
  } catch (error) {
    draft.discard()
    throw error
  }
  draft.keep(places.storePath)
  if (backup.directory !== undefined) {
    const copied = await copyKeys({ data: backup.directory, signer: backup.directory }, places)
    if (copied.length > 0) io.note(`Taken from the backup as well: ${copied.join(', ')}.`)
  }
  return tellWhatIsLeft(lost, places, cli)
}

const draftName = (): string => `restored-${stamp()}.db`
const stamp = (): string => new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')

/** @throws AuditError `store_corrupt`, `key_mismatch` where it must not take the place */
async function examine(store: Store, backup: BackupPlace, { bytes }: Draft, cli: Cli): Promise<RolledBackLog[]> {
  const places = cli.places()
  const holds = await whatItHolds(store)
  const keyHome = existsSync(places.keyPath) ? places.signer : backup.directory
  const key = keyHome !== undefined && existsSync(join(keyHome, 'signer.key')) ? openKey(keyHome, undefined) : undefined
  if (key !== undefined && key.name !== holds.name)
    throw new AuditError(
      'key_mismatch',
      `The key in ${keyHome} is that of ${key.name}, the backup is of ${holds.name}.`,
      {
        hint: 'name another place with --data, or the directory of the right key with --signer',
      },
    )
  const states = readSignerStates(places.signerStatePath)
  const lost = rolledBackLogs(states ?? [], await store.heads())
  const behind = new Set(lost.map(({ origin }) => origin))
  const others = states?.filter(({ origin }) => !behind.has(origin))
  const { verdict, checks } = await verifyCopy(store, key?.vkey, others, cli.io)
  if (verdict === 'tampered')
    throw new AuditError(
      'store_corrupt',
      `The backup does not verify: ${checks.find(({ ok }) => !ok)?.detail ?? 'it contradicts itself'}. It was not put in place.`,
      { hint: 'take another backup; this one can be read where it lies, with --data' },
    )
  await cli.io.write(`${escapeForTerminal(places.storePath)}: ${holdsText(holds, bytes)}`)
  await cli.io.write('verified: whole, and consistent with its checkpoints\n')
  return lost
}

function moveAside(places: Places, { io }: Cli): void {
  const aside = join(places.data, `replaced-${stamp()}`)
  setAside(places.storePath, aside)
  io.note(`The store that was there lies in ${aside} now.`)
}

function tellWhatIsLeft(lost: readonly RolledBackLog[], { signerStatePath, keyPath }: Places, cli: Cli): ExitCode {
  const { io } = cli
  if (!existsSync(keyPath)) {
    io.note(`! there is no signing key at ${keyPath}: the store can be read, not written to`, 'yellow')
    io.note('  → put it back from its safe place, with signer.db and import.key')
  }
  if (lost.length > 0) {
    noteRolledBack(lost, cli)
    io.note('  → it can be read; nothing is written to it. Restore a newer copy, if there is one.')
    io.note('  → else, to go on without what is missing: auditproof restore --accept-rollback')
    return exitCodes.tampered
  }
  if (!existsSync(signerStatePath))
    io.note(
      '! no signer.db here: whether newer copies exist cannot be told → auditproof verify --since CHECKPOINT',
      'yellow',
    )
  return exitCodes.ok
}
