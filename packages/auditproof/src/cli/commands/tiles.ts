import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { openProgress, plural } from '../progress.ts'
import { chooseLog, openStoreToKeep, ownKey, withStore } from '../trail.ts'

const examples = `Examples:
  auditproof tiles --out ./lind-log --tenant lind
  auditproof tiles --out ./lind-log --tenant lind     again: adds what is new
`

const notes = `
Writes checkpoint, tile/… and tile/entries/… as in https://c2sp.org/tlog-tiles, so that other tools can verify the log,
and the public key beside them as vkey. Give the key to whoever verifies by another way.`

export function define(command: Command, cli: Cli): void {
  command
    .requiredOption('--out <dir>', 'directory to write to')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(({ out }: { out: string }) => run(out, cli))
}

async function run(out: string, { io, places, globals }: Cli): Promise<void> {
  const { tenant } = await withStore(places(), (store) => chooseLog(store, globals().tenant))
  const { writeTiles } = await import('../../evidence/index.ts')
  const progress = openProgress(io)
  const vkey = ownKey(places())
  const written = await openStoreToKeep(places(), (store) =>
    writeTiles(store, tenant, out, {
      ...(vkey !== undefined && { vkey }),
      onProgress: (files) => progress.show(`writing: ${plural(files, 'file')}`),
    }),
  ).finally(() => progress.end())
  io.note(
    `${plural(written.size, 'entry', 'entries')} of tenant ${tenant} in ${out}, as ${plural(written.files, 'file')}.`,
  )
}
