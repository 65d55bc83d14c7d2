/** The feed, whose log is whose, the name of the store. */
import { collect, deleteRows, insertContent, type Tampering, twoIndexes } from './tampering.ts'
import { editText, type World } from './world.ts'

const { list, add } = collect()
export const logTamperings: readonly Tampering[] = list

const pickFeed = (world: World): { position: number; log: number; from: number; to: number } =>
  world.random.pick(world.all('SELECT position, log, from_idx AS "from", to_idx AS "to" FROM feed')) as never

add('feed: a row deleted', (world) => {
  const { position } = pickFeed(world)
  world.run('DELETE FROM feed WHERE position = ?', position)
  return { what: `row ${position} of the feed deleted` }
})

add('feed: a row deleted, the rest moved up', (world) => {
  const { position } = pickFeed(world)
  world.run('DELETE FROM feed WHERE position = ?', position)
  world.run('UPDATE feed SET position = 1 - position WHERE position > ?', position)
  world.run('UPDATE feed SET position = -position WHERE position < 0')
  return { what: `row ${position} of the feed deleted, closed up` }
})

add('feed: a log that is not there', (world) => {
  const { last } = world.one<{ last: number }>('SELECT max(position) AS last FROM feed')
  world.run('INSERT INTO feed (position, log, from_idx, to_idx) VALUES (?, ?, 0, 1)', last + 1, world.logs.length + 1)
  return { what: 'a row for a log that is not there' }
})

add('feed: a gap', (world) => {
  const { position } = pickFeed(world)
  world.run('UPDATE feed SET position = -1 - position WHERE position >= ?', position)
  world.run('UPDATE feed SET position = -position WHERE position < 0')
  return { what: `nothing at ${position} of the feed` }
})

add('feed: the meta log', (world) => {
  const { last } = world.one<{ last: number }>('SELECT max(position) AS last FROM feed')
  const { log, published } = world.logOf('_meta')
  world.run('INSERT INTO feed (position, log, from_idx, to_idx) VALUES (?, ?, 0, ?)', last + 1, log, published)
  return { what: 'a row for the meta log' }
})

add('feed: an empty row', (world) => {
  const { last } = world.one<{ last: number }>('SELECT max(position) AS last FROM feed')
  const { log, published } = world.pickEvents()
  world.run(
    'INSERT INTO feed (position, log, from_idx, to_idx) VALUES (?, ?, ?, ?)',
    last + 1,
    log,
    published,
    published,
  )
  return { what: 'a row that tells of nothing' }
})

add('feed: another range', (world) => {
  const { position, from, to } = pickFeed(world)
  const column = world.random.pick(['from_idx', 'to_idx'])
  const old = column === 'from_idx' ? from : to
  const value = Math.max(0, old - 3 + world.random.below(7))
  if (value === old) return undefined
  world.run(`UPDATE feed SET ${column} = ? WHERE position = ?`, value, position)
  return { what: `${column} ${value} in row ${position} of the feed` }
})

add('feed: of another log', (world) => {
  const { position, log } = pickFeed(world)
  const other = 1 + world.random.below(world.logs.length + 2)
  if (other === log) return undefined
  world.run('UPDATE feed SET log = ? WHERE position = ?', other, position)
  return { what: `row ${position} of the feed, log ${other} instead of ${log}` }
})

add('feed: a row added', (world) => {
  const log = world.pickLog()
  const { last } = world.one<{ last: number }>('SELECT max(position) AS last FROM feed')
  const from = world.random.below(2) === 0 ? log.published : world.random.below(log.published)
  world.run(
    'INSERT INTO feed (position, log, from_idx, to_idx) VALUES (?, ?, ?, ?)',
    last + 1 + world.random.below(2),
    log.log,
    from,
    from + 1 + world.random.below(5),
  )
  return { what: `a row for ${log.tenant} from ${from}` }
})

add('log: tenants of two logs swapped', (world) => {
  const [a, b] = twoIndexes(world, world.logs.length)
  const [one, other] = [world.logs[a]!, world.logs[b]!]
  world.run("UPDATE log SET tenant = 'swapping' WHERE log = ?", one.log)
  world.run('UPDATE log SET tenant = ? WHERE log = ?', one.tenant, other.log)
  world.run('UPDATE log SET tenant = ? WHERE log = ?', other.tenant, one.log)
  return { what: `${one.tenant} and ${other.tenant}` }
})

add('log: another tenant', (world) => {
  const log = world.pickLog()
  world.run('UPDATE log SET tenant = ? WHERE log = ?', editText(log.tenant, world.random), log.log)
  return { what: `tenant of ${log.tenant}` }
})

add('log: another origin', (world) => {
  const log = world.pickLog()
  world.run('UPDATE log SET origin = ? WHERE log = ?', editText(log.origin, world.random), log.log)
  return { what: `origin of ${log.tenant}` }
})

add('log: another number', (world) => {
  const log = world.pickLog()
  world.run('UPDATE log SET log = 77 WHERE log = ?', log.log)
  if (world.random.below(2) === 0) world.run('UPDATE head SET log = 77 WHERE log = ?', log.log)
  return { what: `number of ${log.tenant}` }
})

add('log: deleted with all that is in it', (world) => {
  const log = world.pickLog()
  const all = world.random.below(2) === 0
  world.run('DELETE FROM log WHERE log = ?', log.log)
  world.run('DELETE FROM head WHERE log = ?', log.log)
  if (all) {
    deleteRows(world, log, 0, log.size)
    for (const table of ['tile', 'checkpoint', 'erasure', 'feed'])
      world.run(`DELETE FROM ${table} WHERE log = ?`, log.log)
    for (const [i, { position }] of world.all('SELECT position FROM feed ORDER BY position').entries())
      world.run('UPDATE feed SET position = ? WHERE position = ?', i + 1, position!)
  }
  return { what: `${log.tenant}, traces ${!all}` }
})

add('log: one that nobody announced', (world) => {
  const log = world.pickEvents()
  const { next } = world.one<{ next: number }>('SELECT max(log) + 1 AS next FROM log')
  world.run(
    "INSERT INTO log (log, tenant, origin, created_at) VALUES (?, 'shadow', ?, '')",
    next,
    `tamper.example/store/${'0'.repeat(16)}`,
  )
  const shadow = { ...log, log: next }
  for (let index = 0; index < Math.min(3, log.size); index++) {
    const target = world.position(shadow, index)
    world.run(
      'INSERT INTO entry (position, id, entry, leaf_hash) SELECT ?, id, entry, leaf_hash FROM entry WHERE position = ?',
      target,
      world.position(log, index),
    )
    insertContent(world, world.position(log, index), target)
  }
  world.run("INSERT INTO head (log, size, root, recorded_at) VALUES (?, 0, x'', '')", next)
  world.recompute(shadow)
  return { what: 'a tenant made up' }
})

add('store: another name', (world) => {
  const { name } = world.one<{ name: string }>('SELECT name FROM store')
  world.run('UPDATE store SET name = ?', editText(name, world.random))
  return { what: 'name of the store' }
})
