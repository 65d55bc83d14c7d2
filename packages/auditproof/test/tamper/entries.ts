/** Entries and leaf hashes changed, deleted, inserted, swapped, copied, cut off. */
import {
  anyIndex,
  big,
  collect,
  copyRow,
  deleteRows,
  rewritten,
  signedIndex,
  type Tampering,
  twoIndexes,
} from './tampering.ts'
import { editText, flipBit } from './world.ts'

const { list, add } = collect()
export const entryTamperings: readonly Tampering[] = list

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

for (const meta of [false, true])
  add(meta ? 'entry: leaf hash of a checkpoint' : 'entry: leaf hash', (world) => {
    const log = meta ? world.logOf('_meta') : world.pickEvents()
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

for (const meta of [false, true])
  add(meta ? 'entry: id beside a checkpoint' : 'entry: id beside it', (world) => {
    const log = meta ? world.logOf('_meta') : world.pickEvents()
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
