/** The search index: an event is there, proved, and whoever looks for it does not find it. */
import { erasedKey, searchKinds } from '../../src/event/index.ts'
import { decodeOffsets, encodeOffsets } from '../../src/store/offsets.ts'
import { anyIndex, collect, type Tampering } from './tampering.ts'
import type { Log, World } from './world.ts'

const { list, add } = collect()
export const indexTamperings: readonly Tampering[] = list

interface Row {
  key: string
  offsets: number[]
}

/** A key of some event, of one kind or of any. */
function pickRow(world: World, log: Log, kind: string = ''): Row | undefined {
  const where = `FROM posting WHERE log = ? AND substr(key, 1, ${kind.length}) = ?`
  const { n } = world.one<{ n: number }>(`SELECT count(*) AS n ${where}`, log.log, kind)
  if (n === 0) return undefined
  const sql = `SELECT key, offsets ${where} LIMIT 1 OFFSET ${world.random.below(n)}`
  const { key, offsets } = world.one<{ key: string; offsets: string }>(sql, log.log, kind)
  return { key, offsets: decodeOffsets(offsets) }
}

function setOffsets(world: World, log: Log, key: string, offsets: readonly number[]): void {
  if (offsets.length === 0) world.run('DELETE FROM posting WHERE log = ? AND key = ?', log.log, key)
  else world.run('UPDATE posting SET offsets = ? WHERE log = ? AND key = ?', encodeOffsets(offsets), log.log, key)
}

for (const [name, kind] of [
  ['actor', searchKinds.actor],
  ['target', searchKinds.target],
  ['word', searchKinds.word],
  ['changed field', searchKinds.changed],
  ['action', searchKinds.action],
] as const)
  // prettier-ignore
  add(`search index: an event hidden from its ${name}`, (world) => {
    const log = world.pickEvents()
    const row = pickRow(world, log, kind)
    if (row === undefined) return undefined
    const index = world.random.pick(row.offsets)
    setOffsets(
      world,
      log,
      row.key,
      row.offsets.filter((offset) => offset !== index),
    )
    return { log, exact: index, what: `${index} taken out of ${JSON.stringify(row.key)}` }
  })

add('search index: a key deleted', (world) => {
  const log = world.pickEvents()
  const row = pickRow(world, log)
  if (row === undefined) return undefined
  setOffsets(world, log, row.key, [])
  return { log, exact: row.offsets[0]!, what: `${JSON.stringify(row.key)} deleted` }
})

add('search index: all keys deleted', (world) => {
  const log = world.pickEvents()
  world.run('DELETE FROM posting WHERE log = ?', log.log)
  return { log, exact: 0, what: 'all keys' }
})

add('search index: an event under a key that it has not', (world) => {
  const log = world.pickEvents()
  const row = pickRow(world, log)
  const index = anyIndex(world, log)
  if (row === undefined || row.offsets.includes(index)) return undefined
  const offsets = [...row.offsets, index].sort((a, b) => a - b)
  setOffsets(world, log, row.key, offsets)
  return { log, within: index, what: `${index} put under ${JSON.stringify(row.key)}` }
})

for (const places of [true, false])
  add(`search index: a key that no event has, ${places ? 'for one' : 'without places'}`, (world) => {
    const log = world.pickEvents()
    const index = anyIndex(world, log)
    const key = `${searchKinds.word}nobody`
    const offsets = places ? encodeOffsets([index]) : ''
    world.run('INSERT INTO posting (log, leaf, key, offsets) VALUES (?, 0, ?, ?)', log.log, key, offsets)
    return { log, within: index, what: `${key} for ${index}` }
  })

for (const [what, sql] of [
  ['another', "key || ' !'"],
  ['one in other letters', "upper(substr(key, 2, 1)) || ' ' || key"],
  ['bytes that are no text', "CAST(CAST(key AS BLOB) || x'ff' AS TEXT)"],
] as const)
  add(`search index: a key renamed to ${what}`, (world) => {
    const log = world.pickEvents()
    const row = pickRow(world, log)
    if (row === undefined) return undefined
    world.run(`UPDATE posting SET key = ${sql} WHERE log = ? AND key = ?`, log.log, row.key)
    return { log, within: row.offsets[0]!, what: `${JSON.stringify(row.key)} renamed` }
  })

for (const [what, offsets] of [
  ['nothing', ''],
  ['no places', '\u0000!'],
  ['half a place', '0'],
  ['a long list', '.00~~'.repeat(20_000)],
] as const)
  add(`search index: ${what} where the places of a key stand`, (world) => {
    const log = world.pickEvents()
    const row = pickRow(world, log)
    if (row === undefined) return undefined
    world.run('UPDATE posting SET offsets = ? WHERE log = ? AND key = ?', offsets, log.log, row.key)
    return { log, exact: row.offsets[0]!, what: JSON.stringify(row.key) }
  })

for (const [what, change] of [
  ['twice', (offsets: number[]) => [...offsets, ...offsets]],
  ['out of order', (offsets: number[]) => offsets.toReversed()],
] as const)
  add(`search index: places of a key ${what}`, (world) => {
    const log = world.pickEvents()
    const row = pickRow(world, log)
    if (row === undefined || row.offsets.length === 1) return undefined
    const text = change(row.offsets)
      .map((offset) => encodeOffsets([offset]))
      .join('')
    world.run('UPDATE posting SET offsets = ? WHERE log = ? AND key = ?', text, log.log, row.key)
    return { log, what: JSON.stringify(row.key) }
  })

add('search index: a key that reads as it did, and has other bytes', (world) => {
  const log = world.logOf('lind')
  const rows = world.all("SELECT key FROM posting WHERE log = ? AND key LIKE '%\ufffd%'", log.log)
  const key = world.random.pick(rows)['key'] as string
  const bytes = Buffer.from(Buffer.from(key).toString('latin1').replace('\u00ef\u00bf\u00bd', '\u00ff'), 'latin1')
  world.run('UPDATE posting SET key = CAST(? AS TEXT) WHERE log = ? AND key = ?', bytes, log.log, key)
  return { log, what: JSON.stringify(key) }
})

add('search index: places beyond the end of the log', (world) => {
  const log = world.pickEvents()
  const row = pickRow(world, log)
  if (row === undefined) return undefined
  const index = log.size + world.random.below(50)
  setOffsets(world, log, row.key, [...row.offsets, index])
  return { log, exact: index, what: `${index} of ${log.size} under ${JSON.stringify(row.key)}` }
})

add('search index: words of entries that wait for them', (world) => {
  const log = world.logOf('kranz')
  const row = pickRow(world, log, searchKinds.word)!
  setOffsets(world, log, row.key, [...row.offsets, log.size - 1])
  return { log, exact: log.size - 1, what: JSON.stringify(row.key) }
})

add('search index: what was erased hidden, or shown as erased', (world) => {
  const log = world.logOf('lind')
  const row = pickRow(world, log, erasedKey)!
  const index = anyIndex(world, log)
  const offsets = row.offsets.includes(index)
    ? row.offsets.filter((offset) => offset !== index)
    : [...row.offsets, index].sort((a, b) => a - b)
  setOffsets(world, log, row.key, offsets)
  return { log, exact: index, what: `erased: ${index}` }
})

for (const column of ['earliest', 'latest'])
  add(`search index: another ${column} time`, (world) => {
    const log = world.pickEvents()
    const by = (1 + world.random.below(1e9)) * (world.random.below(2) === 0 ? -1 : 1)
    world.run(`UPDATE node SET ${column} = ${column} + ? WHERE log = ?`, by, log.log)
    return { log, within: 0, what: `${column} by ${by} µs` }
  })

add('search index: a leaf that no search begins with', (world) => {
  const log = world.pickEvents()
  world.run('UPDATE node SET top = 0 WHERE log = ?', log.log)
  return { log, within: 0, what: 'top' }
})

add('search index: a leaf without its node', (world) => {
  const log = world.pickEvents()
  world.run('DELETE FROM node WHERE log = ?', log.log)
  return { log, within: 0, what: 'node deleted' }
})

add('search index: times of a leaf that is not full', (world) => {
  const log = world.pickEvents()
  const times = new Uint8Array(new Float64Array(4096).buffer)
  world.run('INSERT INTO leaf_times (position, times) VALUES (?, ?)', world.position(log, 0), times)
  return { log, what: 'leaf_times' }
})

add('search index: said to be built less far', (world) => {
  const log = world.pickEvents()
  const { indexed } = world.one<{ indexed: number }>('SELECT indexed FROM head WHERE log = ?', log.log)
  const less = world.random.below(indexed)
  world.run('UPDATE head SET indexed = ? WHERE log = ?', less, log.log)
  return { log, what: `${less} instead of ${indexed}` }
})

for (const [what, more] of [
  ['further', ({ size }: Log, indexed: number) => (indexed < size ? size : undefined)],
  ['beyond the end of the log', ({ size }: Log) => size + 1],
] as const)
  add(`search index: said to be built ${what}`, (world) => {
    const log = what === 'further' ? world.logOf('kranz') : world.pickEvents()
    const { indexed } = world.one<{ indexed: number }>('SELECT indexed FROM head WHERE log = ?', log.log)
    const other = more(log, indexed)
    if (other === undefined) return undefined
    world.run('UPDATE head SET indexed = ? WHERE log = ?', other, log.log)
    return { log, what: `${other} instead of ${indexed}` }
  })

const strays: [what: string, sql: string][] = [
  ['a leaf', "INSERT INTO posting (log, leaf, key, offsets) VALUES (?1, 1, 'xnobody', '00')"],
  ['a leaf before the first', "INSERT INTO posting (log, leaf, key, offsets) VALUES (?1, -1, 'xnobody', '00')"],
  ['a node', 'INSERT INTO node (log, level, n, earliest, latest, top) VALUES (?1, 0, 7, 0, 1, 1)'],
  ['a node above', 'INSERT INTO node (log, level, n, earliest, latest, top) VALUES (?1, 1, 0, 0, 9e15, 1)'],
  ['a key of a node above', "INSERT INTO carried (log, level, n, key, children) VALUES (?1, 1, 0, 'xnobody', 1)"],
  ['a level below the leaves', "INSERT INTO carried (log, level, n, key, children) VALUES (?1, -1, 0, 'xnobody', 1)"],
  ['times of a leaf', "INSERT INTO leaf_times (position, times) VALUES ((?1 << 33) + 8192, x'00')"],
  ['times between two leaves', "INSERT INTO leaf_times (position, times) VALUES ((?1 << 33) + 5, x'00')"],
]
for (const [what, sql] of strays)
  add(`search index: ${what} that cannot be there`, (world) => {
    const log = world.pickLog()
    world.run(sql, log.log)
    return { log, what: `in ${log.tenant}` }
  })

add('search index: rows of no log', (world) => {
  const [, sql] = world.random.pick(strays)
  world.run(sql, 1_000)
  return { what: sql }
})
