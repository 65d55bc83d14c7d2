/** Heads: sizes, roots, the newest notes. */
import { collect, rewritten, signedIndex, type Tampering } from './tampering.ts'
import { editText, flipBit, type Log, type World } from './world.ts'

const { list, add } = collect()
export const headTamperings: readonly Tampering[] = list

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

add('head: a tail that is said to be signed, in the feed too', (world) => {
  const log = world.logs.find((one) => one.size > one.published)!
  setHead(world, log, 'note_size', log.size)
  const { last } = world.one<{ last: number }>('SELECT max(position) AS last FROM feed')
  world.run(
    'INSERT INTO feed (position, log, from_idx, to_idx) VALUES (?, ?, ?, ?)',
    last + 1,
    log.log,
    log.published,
    log.size,
  )
  return { log, what: `note_size ${log.size} over a note for ${log.published}` }
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
