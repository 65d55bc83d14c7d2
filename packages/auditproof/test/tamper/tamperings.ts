/**
 * What an attacker does who may write everything in the file. Some change a row; some compute again all that follows
 * from it, as far as that goes without the key. Each says where the verifier must point.
 */
import { decodeDisclosure, disclosureDigest, groups } from '../../src/event/index.ts'
import { editText, flipBit, type Log, type World } from './world.ts'

export interface Expected {
  /** The log that must be named; undefined where none can be. */
  log?: Log
  /** Exactly this index. */
  exact?: number
  /** An index, or a range that holds it. */
  within?: number
  /** In words, for the report of a failure. */
  what: string
}

export interface Tampering {
  name: string
  /** Undefined: what it needs is not there, another is chosen. */
  apply: (world: World) => Expected | undefined | Promise<Expected | undefined>
}

const tamperings: Tampering[] = []
const add = (name: string, apply: Tampering['apply']): void => void tamperings.push({ name, apply })

const anyIndex = (world: World, { size }: Log): number => world.random.below(size)
const signedIndex = (world: World, { published }: Log): number => world.random.below(published)
const big = (log: Log): boolean => log.size >= 8
const twoIndexes = (world: World, size: number): [number, number] => {
  const a = world.random.below(size)
  const b = (a + 1 + world.random.below(size - 1)) % size
  return [Math.min(a, b), Math.max(a, b)]
}

// entry

add('entry: one bit', (world) => {
  const log = world.pickLog()
  const index = anyIndex(world, log)
  world.setEntry(log, index, flipBit(world.entry(log, index), world.random))
  return { log, exact: index, what: `bit of entry ${index}` }
})

add('entry: another action, canonical', (world) => {
  const log = world.pickEvents()
  const index = anyIndex(world, log)
  world.setEntry(log, index, rewritten(world, log, index))
  return { log, exact: index, what: `action of entry ${index}` }
})

add('entry: another action, all recomputed', (world) => {
  const log = world.pickEvents()
  const index = signedIndex(world, log)
  world.setEntry(log, index, rewritten(world, log, index))
  const { action, outcome } = JSON.parse(world.entry(log, index).toString()) as Record<string, string>
  world.run(
    'UPDATE content SET action = ?, outcome = ? WHERE position = ?',
    action!,
    outcome!,
    world.position(log, index),
  )
  world.recompute(log)
  return { log, within: index, what: `action of entry ${index}, recomputed` }
})

/** Outcome and action changed, still an entry. */
function rewritten(world: World, log: Log, index: number): Buffer {
  const text = world.entry(log, index).toString()
  return Buffer.from(
    world.random.below(2) === 0
      ? text.replace(/"action":"[^"]*"/, `"action":"case.view${world.random.below(99)}"`)
      : text.replace(/"outcome":"[^"]*"/, '"outcome":"denied"'),
  )
}

add('entry: leaf hash', (world) => {
  const log = world.pickLog()
  const index = anyIndex(world, log)
  const { leaf_hash } = world.one<{ leaf_hash: Uint8Array }>(
    'SELECT leaf_hash FROM entry WHERE position = ?',
    world.position(log, index),
  )
  world.run(
    'UPDATE entry SET leaf_hash = ? WHERE position = ?',
    flipBit(leaf_hash, world.random),
    world.position(log, index),
  )
  return { log, exact: index, what: `leaf hash ${index}` }
})

add('entry: entry and its leaf hash', (world) => {
  const log = world.pickEvents((one) => one.size > 256)
  const index = world.random.below(256)
  world.setEntry(log, index, rewritten(world, log, index))
  const { action, outcome } = JSON.parse(world.entry(log, index).toString()) as Record<string, string>
  world.run(
    'UPDATE content SET action = ?, outcome = ? WHERE position = ?',
    action!,
    outcome!,
    world.position(log, index),
  )
  const tile = world.one<{ hashes: Uint8Array; root: Uint8Array }>(
    'SELECT hashes, root FROM tile WHERE log = ?',
    log.log,
  )
  world.recompute(log)
  world.run('UPDATE tile SET hashes = ?, root = ? WHERE log = ?', tile.hashes, tile.root, log.log)
  return { log, exact: index, what: `entry ${index} and its hash, not its tile` }
})

add('entry: id beside it', (world) => {
  const log = world.pickLog()
  const index = anyIndex(world, log)
  const { id } = world.one<{ id: string }>('SELECT id FROM entry WHERE position = ?', world.position(log, index))
  world.run('UPDATE entry SET id = ? WHERE position = ?', editText(id, world.random), world.position(log, index))
  return { log, exact: index, what: `id of ${index}` }
})

add('entry: deleted', (world) => {
  const log = world.pickLog()
  const index = anyIndex(world, log)
  deleteRows(world, log, index, index + 1)
  // Whether the last one was cut off, or one before it taken out and the rest moved up, nobody can tell.
  return { log, ...(index < log.size - 1 ? { exact: index } : { within: index }), what: `row ${index} deleted` }
})

add('entry: deleted, the rest moved up', (world) => {
  const log = world.pickLog(big)
  const index = world.random.below(log.published - 1)
  deleteRows(world, log, index, index + 1)
  world.move(log, index + 1, log.size, -1)
  const recomputed = world.random.below(2) === 0
  if (recomputed) world.recompute(log)
  return { log, within: index, what: `row ${index} deleted, closed up, recomputed ${recomputed}` }
})

add('entry: inserted', (world) => {
  const log = world.pickEvents(big)
  const index = 1 + world.random.below(log.published - 1)
  world.move(log, index, log.size, 1)
  copyRow(world, log, world.random.below(index), index)
  const recomputed = world.random.below(2) === 0
  if (recomputed) world.recompute(log)
  return { log, within: index, what: `a copy of an earlier row inserted at ${index}, recomputed ${recomputed}` }
})

add('entry: one beyond the end', (world) => {
  const log = world.pickEvents()
  const index = log.size + (world.random.below(2) === 0 ? 0 : world.random.below(100_000))
  copyRow(world, log, anyIndex(world, log), index)
  return { log, exact: index, what: `a row at ${index} of ${log.size}` }
})

add('entry: two swapped', (world) => {
  const log = world.pickLog(big)
  const [a, b] = twoIndexes(world, log.published)
  world.move(log, a, a + 1, 1_000_000)
  world.move(log, b, b + 1, a - b)
  world.move(log, a + 1_000_000, a + 1_000_001, b - a - 1_000_000)
  const recomputed = world.random.below(2) === 0
  if (recomputed) world.recompute(log)
  return { log, within: a, what: `rows ${a} and ${b} swapped, recomputed ${recomputed}` }
})

add('entry: one written over another', (world) => {
  const log = world.pickLog(big)
  const [a, b] = twoIndexes(world, log.published)
  deleteRows(world, log, b, b + 1)
  copyRow(world, log, a, b)
  const recomputed = world.random.below(2) === 0
  if (recomputed) world.recompute(log)
  return { log, within: b, what: `row ${a} copied over ${b}, recomputed ${recomputed}` }
})

add('entry: the end cut off', (world) => {
  const log = world.pickLog()
  const size = signedIndex(world, log)
  deleteRows(world, log, size, log.size)
  const recomputed = world.random.below(2) === 0
  if (recomputed) world.recompute(log)
  return { log, within: size, what: `cut off at ${size}, recomputed ${recomputed}` }
})

add('entry: the end cut off, with all that tells of it in this log', (world) => {
  const log = world.pickLog((one) => one.tenant !== '_meta')
  const kept = world.all('SELECT size, note FROM checkpoint WHERE log = ? AND size < ?', log.log, log.published)
  if (kept.length === 0) return undefined
  const { size, note } = world.random.pick(kept) as { size: number; note: string }
  deleteRows(world, log, size, log.size)
  world.recompute(log)
  world.run('DELETE FROM checkpoint WHERE log = ? AND size > ?', log.log, size)
  world.run(
    'UPDATE head SET note = ?, note_size = ?, meta_size = min(meta_size, ?) WHERE log = ?',
    note,
    size,
    size,
    log.log,
  )
  world.run('DELETE FROM erasure WHERE log = ? AND by_idx >= ?', log.log, size)
  world.run('DELETE FROM feed WHERE log = ? AND from_idx >= ?', log.log, size)
  for (const [i, { position }] of world.all('SELECT position FROM feed ORDER BY position').entries())
    world.run('UPDATE feed SET position = ? WHERE position = ?', i + 1, position!)
  // The meta log cannot be cut with it: it is signed as well. Nor could what was erased come back.
  return { log, what: `taken back to its checkpoint over ${size} entries` }
})

// content

const columns = [
  'occurred_at',
  'recorded_at',
  'action',
  'outcome',
  'severity',
  'actor',
  'actor_name',
  'target',
  'target_name',
]

for (const column of columns)
  add(`content: ${column}`, (world) => {
    const log = world.pickEvents()
    const index = anyIndex(world, log)
    const position = world.position(log, index)
    const value =
      world.one<Record<string, string | null>>(`SELECT ${column} FROM content WHERE position = ?`, position)[column] ??
      null
    const other =
      value !== null && world.random.below(3) === 0
        ? null
        : value === null || value === ''
          ? 'user/u_999'
          : editText(value, world.random)
    world.run(`UPDATE content SET ${column} = ? WHERE position = ?`, other, position)
    return { log, exact: index, what: `${column} of ${index}: ${String(value)} to ${String(other)}` }
  })

add('content: one character of a disclosure', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  const n = world.random.below(disclosures.length)
  world.setDisclosures(log, index, disclosures.with(n, editText(disclosures[n]!, world.random)))
  return { log, exact: index, what: `disclosure ${n} of ${index}` }
})

add('content: a disclosure with another value', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  const n = world.random.below(disclosures.length)
  world.setDisclosures(log, index, disclosures.with(n, withAnotherValue(disclosures[n]!)))
  return { log, exact: index, what: `value of disclosure ${n} of ${index}` }
})

add('content: a disclosure with another value, its digest too, all recomputed', (world) => {
  const log = world.pickEvents()
  const index = signedIndex(world, log)
  const disclosures = world.disclosures(log, index)
  const n = disclosures.findIndex((text) => decodeDisclosure(text).group === 'context')
  if (n < 0) return undefined
  const forged = withAnotherValue(disclosures[n]!)
  world.setDisclosures(log, index, disclosures.with(n, forged))
  const entry = JSON.parse(world.entry(log, index).toString()) as { _sd: string[] }
  const [old, digest] = [disclosureDigest(disclosures[n]!), disclosureDigest(forged)]
  entry._sd = entry._sd.map((one) => (one === old ? digest : one)).sort()
  world.setEntry(log, index, Buffer.from(JSON.stringify(entry)))
  world.recompute(log)
  return { log, within: index, what: `context of ${index}, with its digest, recomputed` }
})

add('content: a disclosure deleted', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  const n = world.random.below(disclosures.length)
  world.setDisclosures(log, index, disclosures.toSpliced(n, 1))
  return { log, exact: index, what: `disclosure ${n} of ${index} deleted` }
})

add('content: a disclosure twice', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  world.setDisclosures(log, index, [...disclosures, world.random.pick(disclosures)])
  return { log, exact: index, what: `a disclosure of ${index} twice` }
})

add('content: two disclosures swapped', (world) => {
  const { log, index, disclosures } = pickDisclosed(world)
  if (disclosures.length < 2) return undefined
  const [a, b] = twoIndexes(world, disclosures.length)
  world.setDisclosures(log, index, disclosures.with(a, disclosures[b]!).with(b, disclosures[a]!))
  return { log, exact: index, what: `disclosures ${a} and ${b} of ${index} swapped` }
})

add('content: that of another event', (world) => {
  const log = world.pickEvents(big)
  const [a, b] = twoIndexes(world, log.size)
  world.setDisclosures(log, b, world.disclosures(log, a))
  return { log, exact: b, what: `disclosures of ${a} at ${b}` }
})

add('content: the row deleted', (world) => {
  const log = world.pickEvents()
  const index = anyIndex(world, log)
  world.run('DELETE FROM content WHERE position = ?', world.position(log, index))
  return { log, exact: index, what: `content of ${index} deleted` }
})

add('content: of a checkpoint in the meta log', (world) => {
  const log = world.logOf('_meta')
  const index = anyIndex(world, log)
  world.run(
    "INSERT INTO content (position, action, disclosures) VALUES (?, 'case.update', '')",
    world.position(log, index),
  )
  return { log, exact: index, what: `content for checkpoint ${index}` }
})

// erasure

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

add('erasure: of another group', (world) => {
  const row = pickErasure(world)
  const group = world.random.pick(['everything', ...groups])
  if (
    world.all('SELECT 1 FROM erasure WHERE log = ? AND idx = ? AND disclosure_group = ?', row.log.log, row.index, group)
      .length > 0
  )
    return undefined
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

// tile

const tileOf = (world: World): { log: Log; hashes: Uint8Array; root: Uint8Array } => {
  const log = world.logs.find(({ size }) => size >= 256)!
  return {
    log,
    ...world.one<{ hashes: Uint8Array; root: Uint8Array }>(
      'SELECT hashes, root FROM tile WHERE log = ? AND level = 0 AND n = 0',
      log.log,
    ),
  }
}

add('tile: one bit', (world) => {
  const { log, hashes } = tileOf(world)
  const index = world.random.below(256)
  const flipped = Buffer.from(hashes)
  flipped[index * 32 + world.random.below(32)]! ^= 1 << world.random.below(8)
  world.run('UPDATE tile SET hashes = ? WHERE log = ? AND level = 0 AND n = 0', flipped, log.log)
  return { log, exact: index, what: `hash ${index} of the tile` }
})

add('tile: its root', (world) => {
  const { log, root } = tileOf(world)
  world.run('UPDATE tile SET root = ? WHERE log = ? AND level = 0 AND n = 0', flipBit(root, world.random), log.log)
  return { log, within: 100, what: 'root of the tile' }
})

add('tile: deleted, cut short, moved', (world) => {
  const { log, hashes } = tileOf(world)
  const how = world.random.below(4)
  if (how === 0) world.run('DELETE FROM tile WHERE log = ?', log.log)
  if (how === 1)
    world.run('UPDATE tile SET hashes = ? WHERE log = ?', hashes.subarray(0, world.random.below(8192)), log.log)
  if (how === 2) world.run('UPDATE tile SET n = n + ? WHERE log = ?', 1 + world.random.below(9), log.log)
  if (how === 3) world.run('UPDATE tile SET level = level + ? WHERE log = ?', 1 + world.random.below(9), log.log)
  return { log, what: `the tile, way ${how}` }
})

add('tile: one too many', (world) => {
  const { hashes, root } = tileOf(world)
  const log = world.pickLog()
  const [level, n] = [world.random.below(3), 1 + world.random.below(5)]
  world.run('INSERT INTO tile (log, level, n, hashes, root) VALUES (?, ?, ?, ?, ?)', log.log, level, n, hashes, root)
  return { log, what: `tile ${level}/${n} added` }
})

// checkpoint

const pickKept = (world: World): { log: Log; size: number; previous: number; note: string; newest: boolean } => {
  const row = world.random.pick(world.all('SELECT log, size, prev_size AS previous, note FROM checkpoint')) as {
    log: number
    size: number
    previous: number
    note: string
  }
  const { newest } = world.one<{ newest: number }>('SELECT max(size) AS newest FROM checkpoint WHERE log = ?', row.log)
  return { ...row, log: world.logs.find(({ log }) => log === row.log)!, newest: newest === row.size }
}

add('checkpoint: one character of the note', (world) => {
  const { log, size, note } = pickKept(world)
  world.run('UPDATE checkpoint SET note = ? WHERE log = ? AND size = ?', editText(note, world.random), log.log, size)
  return { log, what: `note of the checkpoint over ${size}` }
})

add('checkpoint: deleted', (world) => {
  const { log, size, newest } = pickKept(world)
  // The last of several may go unseen: nothing that could be proved is lost with it, as the head holds a newer one.
  if (newest && world.all('SELECT 1 FROM checkpoint WHERE log = ?', log.log).length > 1) return undefined
  world.run('DELETE FROM checkpoint WHERE log = ? AND size = ?', log.log, size)
  return { log, what: `checkpoint over ${size} deleted` }
})

add('checkpoint: other sizes', (world) => {
  const { log, size, previous } = pickKept(world)
  const column = world.random.pick(['size', 'prev_size'])
  const value = (column === 'size' ? size : previous) + 1_000 + world.random.below(100)
  world.run(`UPDATE checkpoint SET ${column} = ? WHERE log = ? AND size = ?`, value, log.log, size)
  return { log, what: `${column} of the checkpoint over ${size}` }
})

add('checkpoint: the note of another', (world) => {
  const one = pickKept(world)
  const other = pickKept(world)
  if (one.note === other.note) return undefined
  world.run('UPDATE checkpoint SET note = ? WHERE log = ? AND size = ?', other.note, one.log.log, one.size)
  return { log: one.log, what: `checkpoint over ${one.size} is that of ${other.log.tenant} over ${other.size}` }
})

add('checkpoint: without its signature, or with another', async (world) => {
  const { log, size, note } = pickKept(world)
  const forged = await world.forgeNote(log)
  const text = note.slice(0, note.indexOf('\n\n') + 2)
  const signature =
    world.random.below(2) === 0
      ? forged.note.slice(forged.note.indexOf('\n\n') + 2)
      : '\u2014 witness.example AAAAAAA=\n'
  world.run('UPDATE checkpoint SET note = ? WHERE log = ? AND size = ?', text + signature, log.log, size)
  return { log, what: `the checkpoint over ${size} signed by somebody else` }
})

// head

const setHead = (world: World, log: Log, column: string, value: string | number | null | Uint8Array): void =>
  void world.run(`UPDATE head SET ${column} = ? WHERE log = ?`, value, log.log)
const headOf = (
  world: World,
  log: Log,
): { size: number; root: Uint8Array; note: string; note_size: number; meta_size: number; recorded_at: string } =>
  world.one('SELECT * FROM head WHERE log = ?', log.log)

add('head: size', (world) => {
  const log = world.pickLog()
  const size = world.random.below(log.size + 1500)
  if (size === log.size) return undefined
  setHead(world, log, 'size', size)
  return { log, what: `size ${size} instead of ${log.size}` }
})

add('head: root', (world) => {
  const log = world.pickLog()
  setHead(world, log, 'root', flipBit(headOf(world, log).root, world.random))
  return { log, what: 'root of the head' }
})

add('head: time', (world) => {
  const log = world.pickEvents()
  setHead(world, log, 'recorded_at', '2020-01-01T00:00:00.000Z')
  return { log, what: 'recorded_at of the head' }
})

add('head: one character of the note', (world) => {
  const log = world.pickLog()
  setHead(world, log, 'note', editText(headOf(world, log).note, world.random))
  return { log, what: 'note of the head' }
})

add('head: size of the note', (world) => {
  const log = world.pickLog()
  setHead(world, log, 'note_size', world.random.below(log.published))
  return { log, what: 'note_size of the head' }
})

add('head: an older note', (world) => {
  const log = world.pickLog()
  const kept = world.all('SELECT size, note FROM checkpoint WHERE log = ? AND size < ?', log.log, log.published)
  if (kept.length === 0) return undefined
  const { size, note } = world.random.pick(kept) as { size: number; note: string }
  setHead(world, log, 'note', note)
  if (world.random.below(2) === 0) setHead(world, log, 'note_size', size)
  return { log, what: `the note over ${size}` }
})

add('head: no note', (world) => {
  const log = world.pickLog()
  setHead(world, log, 'note', null)
  if (world.random.below(2) === 0) setHead(world, log, 'note_size', 0)
  return { log, what: 'no note' }
})

add('head: the note of another log', (world) => {
  const [log, other] = [world.pickLog(), world.pickLog()]
  if (log === other) return undefined
  const { note, note_size } = headOf(world, other)
  setHead(world, log, 'note', note)
  if (world.random.below(2) === 0) setHead(world, log, 'note_size', note_size)
  return { log, what: `the note of ${other.tenant}` }
})

add('head: a note by another key, over a log that was changed and recomputed', async (world) => {
  const log = world.pickEvents((one) => one.size === one.published)
  const index = signedIndex(world, log)
  world.setEntry(log, index, rewritten(world, log, index))
  world.recompute(log)
  const { note } = await world.forgeNote(log)
  setHead(world, log, 'note', note)
  world.run('UPDATE checkpoint SET note = ? WHERE log = ? AND size = ?', note, log.log, log.published)
  return { log, what: `signed by somebody else` }
})

add('head: size in the meta log', (world) => {
  const log = world.pickLog()
  const size = world.random.below(log.published + 5)
  if (size === headOf(world, log).meta_size) return undefined
  setHead(world, log, 'meta_size', size)
  return { log, what: `meta_size ${size}` }
})

add('head: deleted', (world) => {
  const log = world.pickLog()
  world.run('DELETE FROM head WHERE log = ?', log.log)
  return { what: `head of ${log.tenant}` }
})

// feed

const pickFeed = (world: World): { position: number; log: number; from: number; to: number } =>
  world.random.pick(world.all('SELECT position, log, from_idx AS "from", to_idx AS "to" FROM feed')) as never

add('feed: a row deleted', (world) => {
  const { position } = pickFeed(world)
  world.run('DELETE FROM feed WHERE position = ?', position)
  if (world.random.below(2) === 0) {
    world.run('UPDATE feed SET position = -position + 1 WHERE position > ?', position)
    world.run('UPDATE feed SET position = -position WHERE position < 0')
    world.run('UPDATE feed SET position = position WHERE position = 0')
  }
  return { what: `row ${position} of the feed deleted` }
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

// log, store

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

export { tamperings }

// what they share

function deleteRows(world: World, log: Log, from: number, to: number): void {
  for (const table of ['entry', 'content'])
    world.run(
      `DELETE FROM ${table} WHERE position >= ? AND position < ?`,
      world.position(log, from),
      world.position(log, to),
    )
}

function copyRow(world: World, log: Log, from: number, to: number): void {
  const [source, target] = [world.position(log, from), world.position(log, to)]
  world.run(
    'INSERT INTO entry (position, id, entry, leaf_hash) SELECT ?, id, entry, leaf_hash FROM entry WHERE position = ?',
    target,
    source,
  )
  insertContent(world, source, target)
}

function insertContent(world: World, source: number, target: number): void {
  const names = `${columns.join(', ')}, disclosures`
  world.run(
    `INSERT INTO content (position, ${names}) SELECT ?, ${names} FROM content WHERE position = ?`,
    target,
    source,
  )
}

function pickDisclosed(world: World): { log: Log; index: number; disclosures: string[] } {
  for (;;) {
    const log = world.pickEvents()
    const index = anyIndex(world, log)
    const disclosures = world.disclosures(log, index)
    if (disclosures.length > 0) return { log, index, disclosures }
  }
}

function pickErasure(world: World): { log: Log; index: number; group: string; by: number } {
  const row = world.random.pick(
    world.all('SELECT log, idx AS "index", disclosure_group AS "group", by_idx AS by FROM erasure'),
  )
  return { ...row, log: world.logs.find(({ log }) => log === row['log'])! } as never
}

function withAnotherValue(disclosure: string): string {
  const array = JSON.parse(Buffer.from(disclosure, 'base64url').toString()) as unknown[]
  array[array.length - 1] = { forged: true }
  return Buffer.from(JSON.stringify(array)).toString('base64url')
}
