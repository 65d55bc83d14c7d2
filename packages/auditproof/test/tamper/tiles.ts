/** Tiles, their hashes and roots. */
import { collect, type Tampering } from './tampering.ts'
import { flipBit, type Log, type World } from './world.ts'

const { list, add } = collect()
export const tileTamperings: readonly Tampering[] = list

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

add('tile: deleted', (world) => {
  const { log } = tileOf(world)
  world.run('DELETE FROM tile WHERE log = ?', log.log)
  return { log, within: 100, what: 'the tile' }
})

add('tile: cut short', (world) => {
  const { log, hashes } = tileOf(world)
  const length = world.random.below(hashes.length)
  world.run('UPDATE tile SET hashes = ? WHERE log = ?', hashes.subarray(0, length), log.log)
  return { log, exact: Math.floor(length / 32), what: `the tile to ${length} bytes` }
})

add('tile: moved', (world) => {
  const { log } = tileOf(world)
  const column = world.random.pick(['n', 'level'])
  world.run(`UPDATE tile SET ${column} = ${column} + ? WHERE log = ?`, 1 + world.random.below(9), log.log)
  return { log, what: `the tile, by ${column}` }
})

add('tile: one too many', (world) => {
  const { hashes, root } = tileOf(world)
  const log = world.pickLog()
  const [level, n] = [world.random.below(3), 1 + world.random.below(5)]
  world.run('INSERT INTO tile (log, level, n, hashes, root) VALUES (?, ?, ?, ?, ?)', log.log, level, n, hashes, root)
  return { log, what: `tile ${level}/${n} added` }
})
