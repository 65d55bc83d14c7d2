import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { newKey, openKey } from '../../sequencer/key-file.ts'
import type { Cli } from '../cli.ts'
import { parseChoice } from '../flag-values.ts'

const examples = `Examples:
  auditproof key > example.vkey                                 the public key, to be given to whoever verifies
  auditproof key new --origin audit.example.com --signer /secure
`

const notes = `
The private key lies in signer.key (mode 0600). Keep a copy in a safe place: without it nothing new can be signed.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('[what]', 'show or new', 'show')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (what: string) => {
      const vkey = parseChoice('key', what, ['show', 'new'] as const) === 'show' ? show(cli) : make(cli)
      await cli.io.write(`${vkey}\n`)
    })
}

function show(cli: Cli): string {
  const { signer, keyPath } = cli.places()
  const { vkey } = openKey(signer, undefined)
  cli.io.note(`The private key lies at ${keyPath}.`)
  return vkey
}

/** Only into an empty place: a store that is there has a key, and another could sign nothing that anybody trusts. */
function make(cli: Cli): string {
  const { data, signer, keyPath, storePath } = cli.places()
  if (existsSync(storePath))
    throw new AuditError('usage', `There is a store in ${data} already; a new key could not sign for it.`, {
      hint: 'put its own key back, or name another place with --data and --signer',
    })
  const { vkey } = newKey(signer, cli.globals().origin ?? `auditproof-${randomBytes(8).toString('hex')}`)
  cli.io.note(`New key at ${keyPath}. Keep a copy in a safe place: without it nothing new can be signed.`)
  return vkey
}
