import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { readAcceptedRollbacks } from '../../sequencer/rollback.ts'
import type { SignedState } from '../../sequencer/signer.ts'
import { parseCheckpoint, parseNote } from '../../log/index.ts'
import { parsePinnedKey, verifyReceipt, type Verdict } from '../../verify/index.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { readInput } from '../input.ts'
import { formatCount, openProgress, plural, rateSince } from '../progress.ts'
import { readSignerStates } from '../signer-states.ts'
import { terminalJson } from '../terminal.ts'
import { ownKey, withStore } from '../trail.ts'
import { receiptText, storeText } from '../verdict.ts'

interface Options {
  key?: string
  since: string[]
  json?: boolean
}

const examples = `Examples:
  auditproof verify --key example.vkey                        the whole store
  auditproof verify --key example.vkey --since old.checkpoint also that nothing was rolled back since
  auditproof verify receipt.tlog-proof --key example.vkey     a receipt; needs no store
`

const notes = `
KEY is a vkey (name+id+base64) or a file that holds one; get it by another way than the data. Without it the key beside
the store serves, and the best verdict is "not checkable": whoever changes a store can sign it with a key of his own.
Exit codes: 0 verified · 1 tampered · 3 not checkable · 4 unreadable · 5 store unreachable`

const exitCodeOfVerdict: { readonly [verdict in Verdict]: ExitCode } = {
  verified: exitCodes.ok,
  tampered: exitCodes.tampered,
  'not-checkable': exitCodes.notCheckable,
}

export function define(command: Command, cli: Cli): void {
  command
    .argument('[file]', 'a receipt; the whole store when absent')
    .option('--key <key>', 'public key to trust: a vkey, or a file that holds one')
    .option(
      '--since <file>',
      'an older checkpoint that its log must extend; may be given several times',
      (file, all: string[]) => [...all, file],
      [],
    )
    .option('--json', 'the report as JSON')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (file: string | undefined, options: Options) => {
      // Who reads the report may go, as `| head` does; the exit code must still tell what was found.
      cli.io.keepGoingUnread()
      cli.end(await (file === undefined ? verifyWholeStore(options, cli) : verifyFile(file, options, cli)))
    })
}

async function verifyFile(file: string, { key, since, json }: Options, { io }: Cli): Promise<ExitCode> {
  if (since.length > 0)
    throw new AuditError('usage', 'A receipt is checked against its own checkpoint; --since is for the store.', {
      hint: 'leave --since out',
    })
  const text = readInput(file)
  const report = await verifyReceipt(text, key === undefined ? {} : { key: readKey(key) }).catch((error: unknown) => {
    throw withHint(error, file)
  })
  const code = exitCodeOfVerdict[report.verdict]
  if (json === true) {
    const { checks: _checks, ...rest } = report
    await io.write(`${terminalJson(rest, 2)}\n`)
  } else await io.write(receiptText(report, { file, keyGiven: key !== undefined, exitCode: code }, io))
  return code
}

async function verifyWholeStore(options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const places = cli.places()
  const key = options.key === undefined ? undefined : readKey(options.key)
  const since = options.since.map(readCheckpoint)
  const { tenant } = cli.globals()
  const { verifyStore } = await import('../../evidence/index.ts')
  const progress = openProgress(io)
  const began = Date.now()
  const own = ownKey(places)
  const states = statesOf(places.signerStatePath, cli)
  const report = await withStore(places, (store) =>
    verifyStore(store, {
      ...(key !== undefined && { key }),
      ...(own !== undefined && { ownKey: own }),
      ...(since.length > 0 && { since }),
      ...(states !== undefined && { signerStates: states }),
      acceptedRollbacks: states === undefined ? [] : readAcceptedRollbacks(places.signerStatePath),
      ...(tenant !== undefined && { tenant }),
      onProgress: (done, total) =>
        progress.show(
          `verifying: ${formatCount(done)} of ${plural(total, 'entry', 'entries')}, ${rateSince(began, done, Date.now())}`,
        ),
    }),
  ).finally(() => progress.end())
  const code = exitCodeOfVerdict[report.verdict]
  if (options.json === true) {
    const logs = report.logs.map(({ tenant, origin, size, root, firstBad, reason }) => ({
      tenant,
      origin,
      size,
      root,
      firstBad,
      reason,
    }))
    await io.write(`${terminalJson({ verdict: report.verdict, logs, notChecked: report.notChecked }, 2)}\n`)
  } else
    await io.write(
      storeText(
        report,
        { storePlace: places.storePlace, keyGiven: key !== undefined, ownKey: own, exitCode: code },
        io,
      ),
    )
  return code
}

/** A state that cannot be read leaves the rollback unchecked, and says so; it is no reason not to check the rest. */
function statesOf(path: string, { io }: Cli): SignedState[] | undefined {
  try {
    return readSignerStates(path)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    io.note(`! the signer's state cannot be read: ${error.message}`, 'yellow')
    return undefined
  }
}

function withHint(error: unknown, file: string): unknown {
  if (!(error instanceof AuditError) || error.code !== 'proof_malformed') return error
  return new AuditError(error.code, `${file} is no receipt (${error.message}).`, {
    hint: 'a receipt is what auditproof show ID --receipt writes; without a file, verify checks the store in --data',
    cause: error,
  })
}

/** Told with its file: of several, one is meant. @throws AuditError `input_malformed`, `note_malformed`, `checkpoint_malformed` */
function readCheckpoint(file: string): string {
  const note = readInput(file).toString('utf8')
  try {
    parseCheckpoint(parseNote(note).text)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    throw new AuditError(error.code, `${file} is no checkpoint (${error.message}).`, {
      hint: 'it is what auditproof checkpoint prints, kept as it was',
      cause: error,
    })
  }
  return note
}

/** A vkey holds two "+" and no path does by accident; what looks like neither is a file. */
function readKey(given: string): string {
  const text = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(given) ? given : readInput(given).toString('utf8').trim()
  try {
    parsePinnedKey(text)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    throw new AuditError(error.code, `${given} holds no key to trust (${error.message}).`, {
      hint: 'it is what auditproof key prints: name+id+base64',
      cause: error,
    })
  }
  return text
}
