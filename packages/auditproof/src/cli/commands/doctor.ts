import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { openKey } from '../../sequencer/key-file.ts'
import { readAcceptedRollbacks } from '../../sequencer/rollback.ts'
import type { Inspection, LogHead, Store } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { fillTo } from '../columns.ts'
import { exitCodes } from '../exit-codes.ts'
import {
  clock,
  freeSpace,
  good,
  keyFiles,
  modeOf,
  nodeVersion,
  signedAgainstHeads,
  signerPlace,
  unpublished,
  warning,
  wrong,
  type Finding,
} from '../findings.ts'
import type { Places } from '../globals.ts'
import type { Style } from '../io.ts'
import { plural } from '../progress.ts'
import { readSignerStates } from '../signer-states.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { withStore } from '../trail.ts'

const examples = `Examples:
  auditproof doctor
  auditproof doctor --json
`

const notes = `
✓ in order · ! worth knowing · ✗ wrong. Exit code 1 when something is wrong, 0 otherwise.
doctor looks at the surroundings; whether the events are as they were recorded is what verify tells.`

const marks: { readonly [state in Finding['state']]: [string, Style] } = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  wrong: ['✗', 'red'],
}

export function define(command: Command, cli: Cli): void {
  command
    .option('--json', 'the findings as JSON')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async ({ json }: { json?: boolean }) => {
      cli.io.keepGoingUnread() // as in verify: the exit code tells also when nobody reads to the end
      const findings = await examine(cli.places())
      await cli.io.write(json === true ? `${terminalJson({ findings }, 2)}\n` : textOf(findings, cli))
      if (findings.some(({ state }) => state === 'wrong')) cli.end(exitCodes.tampered)
    })
}

async function examine(places: Places): Promise<Finding[]> {
  const findings = [nodeVersion(process.versions.node)]
  if (!existsSync(places.data)) {
    const none = wrong(
      'data directory',
      `${places.data} does not exist`,
      'name it with --data, or record a first event: auditproof record hello.world',
    )
    return [...findings, none]
  }
  findings.push(modeOf('data directory', places.data, 0o700), ...keyFiles(places), ...signerPlace(places))
  try {
    findings.push(...(await withStore(places, (store) => examineStore(store, places))))
  } catch (error) {
    findings.push(storeIsWrong(error))
  }
  findings.push(await freeSpace(places.data))
  return findings
}

async function examineStore(store: Store, places: Places): Promise<Finding[]> {
  // First: it says why the rest may not be read.
  const inspected = (await store.inspect()).map(findingOf)
  return [...inspected, ...(await examineLogs(store, places))]
}

const findingOf = ({ name, ok, detail, fix }: Inspection): Finding =>
  !ok ? wrong(name, detail, fix ?? 'run auditproof verify') : fix === undefined ? good(name, detail) : warning(name, detail, fix) // prettier-ignore

async function examineLogs(store: Store, places: Places): Promise<Finding[]> {
  let heads: LogHead[]
  try {
    heads = await store.heads()
  } catch (error) {
    return [storeIsWrong(error)]
  }
  const entries = heads.reduce((sum, { size }) => sum + size, 0)
  return [
    good('store', `${store.name}, ${plural(heads.length, 'log')}, ${plural(entries, 'entry', 'entries')}`),
    ...keyOfStore(store, places),
    signedAgainstHeads(
      readSignerStates(places.signerStatePath),
      heads,
      readAcceptedRollbacks(places.signerStatePath).length,
    ),
    unpublished(heads),
    await clock(store, Date.now()),
  ]
}

function storeIsWrong(error: unknown): Finding {
  if (!(error instanceof AuditError)) throw error
  return wrong('store', error.message, error.hint ?? 'run auditproof verify')
}

function keyOfStore(store: Store, { signer, keyPath }: Places): Finding[] {
  if (!existsSync(keyPath)) return []
  const { name, vkey } = openKey(signer, undefined)
  if (name === store.name) return [good('public key', vkey)]
  return [
    wrong(
      'public key',
      `the key at ${keyPath} is that of ${name}, not of ${store.name}`,
      'name the directory of the right key with --signer',
    ),
  ]
}

function textOf(findings: readonly Finding[], { io }: Cli): string {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2
  const lines = findings.map(({ name, state, detail, fix }) => {
    const [mark, style] = marks[state]
    const line = `${io.paint(style, mark)} ${fillTo(escapeForTerminal(name), width)}${escapeForTerminal(detail)}`
    return fix === undefined ? line : `${line}\n  ${' '.repeat(width)}→ ${escapeForTerminal(fix)}`
  })
  return `${lines.join('\n')}\n`
}
