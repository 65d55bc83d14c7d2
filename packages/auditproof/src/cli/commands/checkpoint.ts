import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { parseCheckpoint, parseNote, encodeBase64 } from '../../log/index.ts'
import type { PublishedCheckpoint, Store } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { fillTo } from '../columns.ts'
import { parseChoice } from '../flag-values.ts'
import { formatCount, plural } from '../progress.ts'
import { escapeForTerminal, escapeLines } from '../terminal.ts'
import { chooseLog, withAudit, withStore } from '../trail.ts'

const examples = `Examples:
  auditproof checkpoint --tenant lind > lind.checkpoint     the newest signed checkpoint, byte for byte
  auditproof checkpoint list                                the newest of each log
  auditproof checkpoint list --tenant lind                  all that are kept of one
  auditproof checkpoint publish                             sign what is stored, now
`

const notes = `
A checkpoint kept elsewhere shows later that nothing was taken back: auditproof verify --since FILE.
--tenant _meta is the log of the logs' checkpoints: one note over all of them.`

const keptPerRead = 1_000

export function define(command: Command, cli: Cli): void {
  command
    .argument('[what]', 'show, list or publish', 'show')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action((what: string) => {
      const chosen = parseChoice('checkpoint', what, ['show', 'list', 'publish'] as const)
      if (chosen === 'publish') return publish(cli)
      return withStore(cli.places(), (store) => (chosen === 'show' ? show(store, cli) : list(store, cli)))
    })
}

async function show(store: Store, { io, globals }: Cli): Promise<void> {
  const { published, tenant } = await chooseLog(store, globals().tenant)
  if (published === undefined)
    throw new AuditError('not_found', `The log of tenant ${JSON.stringify(tenant)} has no checkpoint yet.`, {
      hint: 'auditproof checkpoint publish',
    })
  // Signed to the byte, so nothing may be escaped; what is no checkpoint, and could act on a terminal, is not shown.
  if (rootOf(published) === unreadable || escapeLines(published.note) !== published.note)
    throw new AuditError('store_corrupt', `The checkpoint stored for tenant ${JSON.stringify(tenant)} is none.`, {
      hint: 'auditproof verify',
    })
  await io.write(published.note)
}

async function list(store: Store, { io, globals }: Cli): Promise<void> {
  const { tenant } = globals()
  if (tenant !== undefined) {
    const { log } = await chooseLog(store, tenant)
    for (let after = 0; ;) {
      const kept = await store.checkpoints(log, after, keptPerRead)
      for (const one of kept) await io.write(`${fillTo(formatCount(one.size), 12)}  ${rootOf(one)}\n`)
      if (kept.length < keptPerRead) return
      after = kept.at(-1)!.size
    }
  }
  const heads = await store.heads()
  for (const { tenant, size, published } of heads) {
    const waiting = size - (published?.size ?? 0)
    const state =
      published === undefined ? 'none yet' : `${fillTo(formatCount(published.size), 12)}  ${rootOf(published)}`
    await io.write(
      `${fillTo(escapeForTerminal(tenant), 24)}  ${state}${waiting > 0 ? `  ${plural(waiting, 'entry', 'entries')} not signed yet` : ''}\n`,
    )
  }
}

const unreadable = 'cannot be read → auditproof verify'

function rootOf({ note }: PublishedCheckpoint): string {
  try {
    return encodeBase64(parseCheckpoint(parseNote(note).text).root)
  } catch {
    return unreadable
  }
}

async function publish({ io, places, globals }: Cli): Promise<void> {
  // An empty place has nothing to publish, and must not become a trail by a typing error.
  const waiting = await withStore(places(), async (store) =>
    (await store.heads()).reduce((sum, { size, published }) => sum + size - (published?.size ?? 0), 0),
  )
  const { origin: _origin, ...rest } = globals()
  await withAudit(places(), rest, io, (audit) => audit.publish())
  io.note(
    waiting === 0
      ? 'Everything was under a signed checkpoint already.'
      : `${plural(waiting, 'entry is', 'entries are')} under a signed checkpoint now.`,
  )
}
