/** Checkpoints that are kept for good. */
import { collect, type Tampering } from './tampering.ts'
import { editText, type Log, type World } from './world.ts'

const { list, add } = collect()
export const checkpointTamperings: readonly Tampering[] = list

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

for (const column of ['size', 'prev_size'])
  add(`checkpoint: another ${column}`, (world) => {
    const { log, size, previous } = pickKept(world)
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
