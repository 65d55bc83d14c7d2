/** Rows that say what was erased, and content that goes or comes back with them. */
import { decodeDisclosure, groups } from '../../src/event/index.ts'
import { collect, pickDisclosed, type Tampering } from './tampering.ts'
import { bigTenant, type ErasedEvent } from './prepare.ts'
import { type Log, type World } from './world.ts'

const { list, add } = collect()
export const erasureTamperings: readonly Tampering[] = list

add('erasure: the row deleted', (world) => {
  const row = pickErasure(world)
  world.run('DELETE FROM erasure WHERE log = ? AND idx = ? AND disclosure_group = ?', row.log.log, row.index, row.group)
  return { log: row.log, exact: row.index, what: `erasure of ${row.group} of ${row.index} deleted` }
})

add('erasure: by another event', (world) => {
  const row = pickErasure(world)
  const by = world.random.below(row.log.size + 5)
  if (by === row.by) return undefined
  world.run(
    'UPDATE erasure SET by_idx = ? WHERE log = ? AND idx = ? AND disclosure_group = ?',
    by,
    row.log.log,
    row.index,
    row.group,
  )
  return { log: row.log, what: `erasure of ${row.group} of ${row.index} by ${by} instead of ${row.by}` }
})

add('erasure: of another event', (world) => {
  const row = pickErasure(world)
  const index = world.random.below(row.log.size + 5)
  if (
    world.all('SELECT 1 FROM erasure WHERE log = ? AND idx = ? AND disclosure_group = ?', row.log.log, index, row.group)
      .length > 0
  )
    return undefined
  world.run(
    'UPDATE erasure SET idx = ? WHERE log = ? AND idx = ? AND disclosure_group = ?',
    index,
    row.log.log,
    row.index,
    row.group,
  )
  return { log: row.log, what: `erasure of ${row.group} of ${row.index} moved to ${index}` }
})

for (const unknown of [true, false])
  add(`erasure: of ${unknown ? 'a group that is none' : 'another group'}`, (world) => {
    const row = pickErasure(world)
    const group = unknown ? 'everything' : world.random.pick(groups)
    if (erasuresOf(world, row.log, row.index, group) > 0) return undefined
    world.run(
      'UPDATE erasure SET disclosure_group = ? WHERE log = ? AND idx = ? AND disclosure_group = ?',
      group,
      row.log.log,
      row.index,
      row.group,
    )
    return { log: row.log, exact: row.index, what: `erasure of ${row.group} of ${row.index} made one of ${group}` }
  })

add('erasure: content deleted, and a row that says so', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  const present = groups.filter((group) => disclosures.some((text) => decodeDisclosure(text).group === group))
  if (present.length === 0) return undefined
  const group = world.random.pick(present)
  const kept = disclosures.filter((text) => (decodeDisclosure(text).group ?? 'changes') !== group)
  world.setDisclosures(log, index, kept)
  if (group === 'actor')
    world.run('UPDATE content SET actor = NULL, actor_name = NULL WHERE position = ?', world.position(log, index))
  if (group === 'target')
    world.run('UPDATE content SET target = NULL, target_name = NULL WHERE position = ?', world.position(log, index))
  const erasing = world.all('SELECT DISTINCT by_idx FROM erasure WHERE log = ?', log.log)
  const by =
    erasing.length > 0 && world.random.below(2) === 0
      ? Number(world.random.pick(erasing)['by_idx'])
      : world.random.below(log.size)
  world.run('INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, ?, ?)', log.log, index, group, by)
  return { log, exact: index, what: `${group} of ${index} gone, erasure by ${by} made up` }
})

add('erasure: a row for a group that is there', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  const present = groups.filter((group) => disclosures.some((text) => decodeDisclosure(text).group === group))
  if (present.length === 0) return undefined
  world.run(
    'INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, ?, ?)',
    log.log,
    index,
    world.random.pick(present),
    world.random.below(log.size),
  )
  return { log, exact: index, what: `erasure of a group of ${index} made up` }
})

add('erasure: beyond the end', (world) => {
  const log = world.pickLog()
  world.run(
    'INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, ?, ?)',
    log.log,
    log.size + world.random.below(9),
    'actor',
    log.size + 9,
  )
  return { log, what: 'erasure of an event that is not there' }
})

/** Where the content of one group is all that an event lost, so that putting it back leaves nothing to recompute. */
const undoable = (world: World): ErasedEvent =>
  world.random.pick(world.erased.filter(({ groups: gone }) => gone.join() === 'changes'))

add('erasure: by an event behind the end', (world) => {
  const row = pickErasure(world)
  const by = row.log.size + world.random.below(5)
  const where = 'WHERE log = ? AND idx = ? AND disclosure_group = ?'
  world.run(`UPDATE erasure SET by_idx = ? ${where}`, by, row.log.log, row.index, row.group)
  return { log: row.log, what: `erasure of ${row.group} of ${row.index} by ${by} of ${row.log.size}` }
})

add('erasure: all of one event, by an event behind the end', (world) => {
  const { log, by } = pickErasure(world)
  world.run('UPDATE erasure SET by_idx = ? WHERE log = ? AND by_idx = ?', log.size, log.log, by)
  return { log, what: `what ${by} erased, by ${log.size}` }
})

add('erasure: by an event before, which an application had made up', (world) => {
  const log = world.logOf(bigTenant)
  const { index, by } = world.foretold
  if (world.disclosures(log, index).length === 0) return undefined
  world.setDisclosures(log, index, world.disclosures(log, index).slice(0, -1))
  world.run("INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, 'details', ?)", log.log, index, by)
  return { log, exact: index, what: `details of ${index}, as ${by} had said before` }
})

add('erasure: a row for a group that is none', (world) => {
  const log = world.pickEvents()
  const index = world.random.below(log.size - 1)
  const by = index + 1 + world.random.below(log.size - index - 1)
  world.run(
    "INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, 'everything', ?)",
    log.log,
    index,
    by,
  )
  return { log, exact: index, what: `everything of ${index} by ${by}` }
})

add('erasure: undone, the content is back', (world) => {
  const log = world.logOf(bigTenant)
  const { index, disclosures } = undoable(world)
  world.setDisclosures(log, index, disclosures)
  return { log, exact: index, what: `changes of ${index} are back` }
})

add('erasure: undone, the content is back and the row is gone', (world) => {
  const log = world.logOf(bigTenant)
  const { index, disclosures } = undoable(world)
  world.setDisclosures(log, index, disclosures)
  world.run('DELETE FROM erasure WHERE log = ? AND idx = ?', log.log, index)
  return { log, exact: index, what: `changes of ${index} are back, and no row says that they went` }
})

add('erasure: of the record of an erasure, as an application said', (world) => {
  const log = world.logOf(bigTenant)
  const records = world.all('SELECT DISTINCT by_idx AS "index" FROM erasure WHERE log = ?', log.log) as {
    index: number
  }[]
  const { index } = world.random.pick(records)
  world.setDisclosures(log, index, world.disclosures(log, index).slice(1))
  world.run('UPDATE content SET actor = NULL, actor_name = NULL WHERE position = ?', world.position(log, index))
  world.run(
    "INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, 'actor', ?)",
    log.log,
    index,
    index + 1,
  )
  return { log, exact: index, what: `actor of the erasure at ${index}` }
})

function pickErasure(world: World): { log: Log; index: number; group: string; by: number } {
  const row = world.random.pick(
    world.all('SELECT log, idx AS "index", disclosure_group AS "group", by_idx AS by FROM erasure'),
  )
  return { ...row, log: world.logs.find(({ log }) => log === row['log'])! } as never
}

const erasuresOf = (world: World, { log }: Log, index: number, group: string): number =>
  world.all('SELECT 1 FROM erasure WHERE log = ? AND idx = ? AND disclosure_group = ?', log, index, group).length
