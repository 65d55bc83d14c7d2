/** What no attacker can do without the key, and a faulty sequencer could: the check of one log, fed by hand. */
import { describe, expect, it } from 'vitest'
import { groupValues, sealEvent, summaryOf, type TakenSubmission } from '../../src/event/index.ts'
import { leafHash, rootFromLeaves } from '../../src/log/index.ts'
import { emptyRightEdge, extendRightEdge, type FullTile } from '../../src/store/right-edge.ts'
import { EventMaker, TestSources } from '../../src/testing/index.ts'
import { IdSet } from '../../src/verify/id-set.ts'
import { Findings, LogCheck, type EntryRow, type Finding } from '../../src/verify/index.ts'
import { TreeCheck } from '../../src/verify/tree-check.ts'

const sources = new TestSources()
const events = new EventMaker(sources)

function rowOf(index: number, event: TakenSubmission = events.make(), recordedAt: string = sources.now()): EntryRow {
  const { entry: text, disclosures } = sealEvent(event, recordedAt, sources.newSalt)
  const entry = new TextEncoder().encode(text)
  const summary = summaryOf({ ...event, recordedAt }, groupValues(event))
  return { index, id: event.id, entry, leafHash: leafHash(entry), content: { summary, disclosures } }
}

function withEntry(row: EntryRow, edit: (text: string) => string): EntryRow {
  const entry = new TextEncoder().encode(edit(new TextDecoder().decode(row.entry)))
  return { ...row, entry, leafHash: leafHash(entry) }
}

/** A log that holds these rows and nothing that contradicts them. */
function checkOf(rows: readonly EntryRow[], tiles: readonly FullTile[] = tilesOf(rows)): LogCheck {
  const size = rows.length
  const recordedAt = sources.now()
  const root = rootFromLeaves(rows.map((row) => row.leafHash))
  const check = new LogCheck({ tenant: 'acme', origin: 'log.example/1', size, root, recordedAt }, [], size)
  for (let from = 0; from < size; from += 1024) {
    const to = Math.min(from + 1024, size)
    const under = tiles.filter(({ level, n }) => level === 0 && n * 256 >= from && (n + 1) * 256 <= to)
    check.check({ from, to, rows: rows.slice(from, to), erasures: [], tiles: under })
  }
  check.checkRest({ rows: [], erasures: [], tiles: tiles.filter(({ level }) => level > 0), sizeNow: size })
  return check
}

const tilesOf = (rows: readonly EntryRow[]): FullTile[] =>
  extendRightEdge(
    emptyRightEdge,
    rows.map((row) => row.leafHash),
  ).tiles

function findingsOf(rows: readonly EntryRow[], tiles?: readonly FullTile[]): readonly Finding[] {
  const check = checkOf(rows, tiles)
  check.finish()
  return check.findings.kept
}

describe('the check of a log', () => {
  it('finds nothing in one that is whole', () => {
    expect(findingsOf(Array.from({ length: 300 }, (_, n) => rowOf(n)))).toEqual([])
  })

  it('suspects two entries with one id, however far apart', () => {
    const event = events.make()
    const rows = Array.from({ length: 2000 }, (_, n) => rowOf(n, n === 7 || n === 1999 ? event : events.make()))
    expect(checkOf(rows).suspects).toEqual([{ first: 7, second: 1999 }])
  })

  it('suspects none of a million ids that differ', () => {
    const ids = new IdSet()
    for (let n = 0; n < 1_000_000; n++) ids.add(`0198a1b2-7c00-7000-8000-${n.toString(16)}`, n)
    expect(ids.suspects).toEqual([])
  })

  it('finds a time that goes back, and takes one that stays', () => {
    const rows = ['2026-01-02T00:00:00.5Z', '2026-01-02T00:00:00.500Z', '2026-01-02T00:00:00.499Z'].map((time, n) =>
      rowOf(n, events.make(), time),
    )
    const times = findingsOf(rows).filter(({ check }) => check === 'entries')
    expect(times).toMatchObject([{ range: [2, 3], reason: expect.stringContaining('goes back') as string }])
  })

  it('counts entries of a newer version, which it cannot judge', () => {
    const rows = [rowOf(0), withEntry(rowOf(1), (text) => text.replace('"v":1}', '"v":2}'))]
    const check = checkOf(rows)
    expect(check.newerVersions).toBe(1)
    expect(check.findings.count('entries')).toBe(0)
  })

  it.each([
    ['an entry in another order', (text: string) => text.replace('"v":1}', '"v":1 }')],
    ['an action that is free text', (text: string) => text.replace('"case.update"', '"Herr Müller"')],
    ['a digest twice', (text: string) => text.replace(/"_sd":\["([^"]*)","[^"]*"/, '"_sd":["$1","$1"')],
    [
      'a day that does not exist',
      (text: string) => text.replace(/"occurredAt":"[^"]*"/, '"occurredAt":"2026-02-30T00:00:00Z"'),
    ],
  ])('finds %s', (_name, edit) => {
    expect(findingsOf([rowOf(0), withEntry(rowOf(1), edit)])).toMatchObject([{ check: 'entries', range: [1, 2] }])
  })

  it('finds what is wrong with tiles above the first level', () => {
    const leafHashes = Array.from({ length: 65_536 }, (_, n) => leafHash(new Uint8Array([n, n >> 8])))
    const { tiles } = extendRightEdge(emptyRightEdge, leafHashes)
    expect(tiles.length).toBe(257)
    const findingsWith = (upper: FullTile | undefined): readonly Finding[] => {
      const findings = new Findings()
      const tree = new TreeCheck([], 0, findings)
      for (const tile of tiles) if (tile.level === 0) tree.expectTile(tile)
      tree.append(leafHashes)
      if (upper !== undefined) tree.checkUpperTile(upper)
      tree.finish(leafHashes.length)
      return findings.kept
    }
    const upper = tiles.at(-1)!
    expect(findingsWith(upper)).toEqual([])
    expect(findingsWith(undefined)).toMatchObject([{ reason: 'tile 1/0 is missing' }])
    expect(findingsWith({ ...upper, root: new Uint8Array(32) })).toMatchObject([{ range: [0, 65_536] }])
    const hashes = upper.hashes.slice()
    hashes[32 * 3]! ^= 1
    expect(findingsWith({ ...upper, hashes })).toMatchObject([{ range: [768, 1024] }])
  })
})
