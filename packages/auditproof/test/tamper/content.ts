/** Disclosures and search columns. */
import { decodeDisclosure, disclosureDigest } from '../../src/event/index.ts'
import { anyIndex, big, collect, columns, pickDisclosed, signedIndex, type Tampering, twoIndexes } from './tampering.ts'
import { editText } from './world.ts'

const { list, add } = collect()
export const contentTamperings: readonly Tampering[] = list

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

function withAnotherValue(disclosure: string): string {
  const array = JSON.parse(Buffer.from(disclosure, 'base64url').toString()) as unknown[]
  array[array.length - 1] = { forged: true }
  return Buffer.from(JSON.stringify(array)).toString('base64url')
}
