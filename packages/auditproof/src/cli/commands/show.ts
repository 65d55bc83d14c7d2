import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { groups, type Group } from '../../event/index.ts'
import { readEvent, unknownName, type FoundEvent } from '../../reader/index.ts'
import type { Store } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { eventJson, eventPage } from '../event-page.ts'
import { parseChoice } from '../flag-values.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { chooseLog, openStoreToKeep, ownKey, quoted, withAudit, withStore } from '../trail.ts'

interface Options {
  output: string
  raw?: boolean
  receipt?: string | true
  withhold?: string
}

const examples = `Examples:
  auditproof show 01983f7c-6c1e-7d5b-9a43-0e8f3a1c2b4d
  auditproof show 12 --tenant lind                         the event at index 12 of a tenant's log
  auditproof show 12 --receipt case-12.tlog-proof --withhold actor,context
`

const notes = `
A receipt proves one event to somebody who has nothing but your public key: auditproof verify FILE --key KEY.
Groups that can be left out of it: ${groups.join(', ')}. What is left out stays provably part of the event.`

const receiptHeader = 'c2sp.org/tlog-proof@'

export function define(command: Command, cli: Cli): void {
  command
    .argument('[id]', 'id of the event, or its index with --tenant')
    .option('-o, --output <format>', 'text or json', 'text')
    .option('--raw', 'the bytes of the entry, and its disclosures decoded')
    .option('--receipt [file]', 'write a .tlog-proof, to stdout when no file is named')
    .option('--withhold <groups>', 'leave these out of the receipt')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(run)

  async function run(given: string | undefined, options: Options): Promise<void> {
    // `show --receipt ID` is easily written; the option has then taken the id.
    const taken = given === undefined && typeof options.receipt === 'string'
    const id = taken ? (options.receipt as string) : given
    if (id === undefined)
      throw new AuditError('usage', 'Which event?', { hint: 'auditproof show ID; auditproof log lists them' })
    const format = parseChoice('-o', options.output, ['text', 'json'] as const)
    if (options.withhold !== undefined && options.receipt === undefined)
      throw new AuditError('usage', '--withhold leaves groups out of a receipt.', { hint: 'add --receipt FILE' })
    if (options.receipt !== undefined)
      return writeReceipt(id, taken || options.receipt === true ? undefined : options.receipt, options.withhold, cli)
    await withStore(cli.places(), async (store) => {
      const found = await find(store, id, cli.globals().tenant)
      if (options.raw === true) return cli.io.write(rawText(found))
      return cli.io.write(format === 'json' ? `${terminalJson(eventJson(found), 2)}\n` : eventPage(found, cli.io))
    })
  }
}

/** An id wins over an index that is written alike. */
async function find(store: Store, text: string, tenant: string | undefined): Promise<FoundEvent> {
  const isIndex = /^(?:0|[1-9]\d{0,14})$/.test(text) && (await store.find(text, tenant)).length === 0
  if (!isIndex) return readEvent(store, { id: text, tenant })
  const head = await chooseLog(store, tenant)
  return readEvent(store, { index: Number(text), tenant: head.tenant })
}

function rawText({ stored }: FoundEvent): string {
  const disclosures = stored.content?.disclosures ?? []
  const decoded = disclosures.map(
    (text) => `${escapeForTerminal(text)}\n  ${escapeForTerminal(Buffer.from(text, 'base64url').toString('utf8'))}\n`,
  )
  return `${escapeForTerminal(Buffer.from(stored.entry).toString('latin1'))}\n\n${decoded.join('')}`
}

async function writeReceipt(
  id: string,
  file: string | undefined,
  withhold: string | undefined,
  cli: Cli,
): Promise<void> {
  const { io, places, globals } = cli
  const disclosed = disclosedGroups(withhold)
  refuseOverwriting(file)
  const { makeReceipt } = await import('../../evidence/index.ts')
  const where = await withStore(places(), async (store) => {
    const { event, head } = await find(store, id, globals().tenant)
    return { tenant: head.tenant, index: event.index, isPublished: (head.published?.size ?? 0) > event.index }
  })
  const make = (store: Store): Promise<string> =>
    makeReceipt(store, { tenant: where.tenant, index: where.index }, { groups: disclosed })
  const receipt = where.isPublished
    ? await openStoreToKeep(places(), make)
    : await withAudit(places(), { color: true }, io, async (audit) => {
        await audit.publish()
        return make((await audit.opened()).store)
      })
  if (file === undefined) return io.write(receipt)
  writeFileSync(file, receipt)
  io.note(`Receipt written to ${file}${withhold === undefined ? '' : `, without ${withhold}`}.`)
  const key = ownKey(places())
  io.note(`  → auditproof verify ${quoted(file)} --key ${key === undefined ? 'KEY' : quoted(key)}`)
}

function disclosedGroups(withhold: string | undefined): Group[] {
  const withheld = (withhold ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  for (const name of withheld)
    if (!(groups as readonly string[]).includes(name)) throw unknownName('group', name, groups)
  return groups.filter((group) => !withheld.includes(group))
}

/** An older receipt may be replaced; anything else, such as a key, may not. */
function refuseOverwriting(file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return
  let head = ''
  try {
    head = readFileSync(file, 'utf8').slice(0, receiptHeader.length)
  } catch {
    // a directory, or not readable: not to be written over either
  }
  if (head !== receiptHeader)
    throw new AuditError('usage', `${file} exists and is no receipt; it is not replaced.`, {
      hint: 'name another file',
    })
}
