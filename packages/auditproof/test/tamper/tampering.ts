/** One thing that an attacker does who may write everything in the file, and where the verifier must point. */
import type { Log, World } from './world.ts'

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

export type Add = (name: string, apply: Tampering['apply']) => void

/** A list, and what adds to it. */
export function collect(): { list: Tampering[]; add: Add } {
  const list: Tampering[] = []
  return { list, add: (name, apply) => void list.push({ name, apply }) }
}

export const columns: readonly string[] = [
  'occurred_at', 'recorded_at', 'action', 'outcome', 'severity', 'actor', 'actor_name', 'target', 'target_name',
] // prettier-ignore

export const anyIndex = (world: World, { size }: Log): number => world.random.below(size)
export const signedIndex = (world: World, { published }: Log): number => world.random.below(published)
export const big = (log: Log): boolean => log.size >= 8

/** Two that differ, the smaller first. */
export function twoIndexes(world: World, size: number): [number, number] {
  const a = world.random.below(size)
  const b = (a + 1 + world.random.below(size - 1)) % size
  return [Math.min(a, b), Math.max(a, b)]
}

export function deleteRows(world: World, log: Log, from: number, to: number): void {
  for (const table of ['entry', 'content'])
    world.run(
      `DELETE FROM ${table} WHERE position >= ? AND position < ?`,
      world.position(log, from),
      world.position(log, to),
    )
}

export function copyRow(world: World, log: Log, from: number, to: number): void {
  const [source, target] = [world.position(log, from), world.position(log, to)]
  world.run(
    'INSERT INTO entry (position, id, entry, leaf_hash) SELECT ?, id, entry, leaf_hash FROM entry WHERE position = ?',
    target,
    source,
  )
  insertContent(world, source, target)
}

export function insertContent(world: World, source: number, target: number): void {
  const names = `${columns.join(', ')}, disclosures`
  world.run(
    `INSERT INTO content (position, ${names}) SELECT ?, ${names} FROM content WHERE position = ?`,
    target,
    source,
  )
}

export function pickDisclosed(world: World): { log: Log; index: number; disclosures: string[] } {
  for (;;) {
    const log = world.pickEvents()
    const index = anyIndex(world, log)
    const disclosures = world.disclosures(log, index)
    if (disclosures.length > 0) return { log, index, disclosures }
  }
}

/** The action or the outcome changed; still an entry. */
export function rewritten(world: World, log: Log, index: number): Buffer {
  const text = world.entry(log, index).toString()
  return Buffer.from(
    world.random.below(2) === 0
      ? text.replace(/"action":"[^"]*"/, `"action":"case.view${world.random.below(99)}"`)
      : text.replace(/"outcome":"[^"]*"/, '"outcome":"denied"'),
  )
}
