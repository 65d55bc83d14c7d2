/** Leaves of four entries and nodes of two below them, so that a tall tree is a small one. */
import { expect, it } from 'vitest'
import {
  compareKeys, groupValues, laterSearchKeys, microseconds, sealEvent, searchKeys, summaryOf, type TakenSubmission,
} from '../event/index.ts' // prettier-ignore
import { leafHash } from '../log/index.ts'
import type { Posting, StoredNode } from '../store/search.ts'
import type { StoredEntry } from '../store/store.ts'
import { EventMaker, TestSources } from '../testing/index.ts'
import { Findings, IndexCheck } from '../verify/index.ts'
import { IndexReader } from './read-index.ts'

const leafWidth = 4
const nodeWidth = 2
const size = 39
const indexedSize = 37

const sources = new TestSources()
const maker = new EventMaker(sources)
const events = Array.from({ length: size }, (_, i): TakenSubmission => {
  const { occurredAt: _time, ...event } = maker.makeSmall()
  return { ...event, action: `a${i % 3}`, actor: { type: 'user', id: `u${i % 11}` }, occurredAt: timeOf(i) }
})
/** Not in the order of their indexes. */
function timeOf(i: number): string {
  return new Date(Date.UTC(2026, 0, 1) + ((i * 7) % size) * 1_000).toISOString()
}

const entries = events.map((event, index): StoredEntry => {
  const recordedAt = sources.now()
  const { entry: text, disclosures } = sealEvent(event, recordedAt, sources.newSalt)
  const entry = new TextEncoder().encode(text)
  const summary = summaryOf({ ...event, recordedAt }, groupValues(event))
  return { index, id: event.id, entry, leafHash: leafHash(entry), content: { summary, disclosures } }
})

/** What a driver holds, by `level/n`. */
interface Stored {
  keys: Map<string, Map<string, Set<number>>>
  nodes: Map<string, Omit<StoredNode, 'n'>>
  times: Map<number, Float64Array>
}

const widthOf = (level: number): number => leafWidth * nodeWidth ** level

/** As it has to be; the newest node may still be in the making. */
function wholeIndex(indexed: number = indexedSize, inTheMaking?: string): Stored {
  const stored: Stored = { keys: new Map(), nodes: new Map(), times: new Map() }
  const isNode = (level: number, n: number): boolean =>
    level === 0 ? n * leafWidth < size : (n + 1) * widthOf(level) <= indexed && `${level}/${n}` !== inTheMaking
  for (let level = 0; isNode(level, 0); level++)
    for (let n = 0; isNode(level, n); n++) {
      const within = events.map((event, i) => ({ event, i })).slice(n * widthOf(level), (n + 1) * widthOf(level))
      const keys = new Map<string, Set<number>>()
      for (const { event, i } of within) {
        const clear = { ...event, recordedAt: timeOf(i) }
        const later = i < indexed ? laterSearchKeys(clear, groupValues(event)) : []
        const place = Math.floor((i - n * widthOf(level)) / (level === 0 ? 1 : widthOf(level - 1)))
        for (const key of [...searchKeys(clear, groupValues(event)), ...later])
          keys.set(key, (keys.get(key) ?? new Set()).add(place))
      }
      const times = within.map(({ event }) => microseconds(event.occurredAt))
      stored.keys.set(`${level}/${n}`, keys)
      const range = { earliest: Math.min(...times), latest: Math.max(...times) }
      stored.nodes.set(`${level}/${n}`, { ...range, top: !isNode(level + 1, Math.floor(n / nodeWidth)) })
      if (level === 0 && (n + 1) * leafWidth <= indexed) stored.times.set(n, Float64Array.from(times))
    }
  return stored
}

/** @param at what is stored when something is read for the so-and-so-many-th time */
async function findingsOf(at: Stored | ((look: number) => Stored), indexed: number = indexedSize): Promise<Findings> {
  const looks = new Map<string, number>()
  const stored = (what: string): Stored => {
    looks.set(what, (looks.get(what) ?? 0) + 1)
    return typeof at === 'function' ? at(looks.get(what)!) : at
  }
  const findings = new Findings()
  const check = new IndexCheck({ size, indexedSize: indexed, leafWidth, nodeWidth }, findings)
  const store = {
    entries: async (_log: number, from: number, to: number) => entries.slice(from, to),
    erasures: async () => [],
    headOf: async () => undefined,
    leafTimes: async (_log: number, leaf: number) => stored(`times ${leaf}`).times.get(leaf),
    indexNodes: async (_log: number, level: number, after: number, limit: number): Promise<StoredNode[]> =>
      [...stored(`nodes ${level}/${after}`).nodes]
        .map(([place, node]) => ({ ...node, level: Number(place.split('/')[0]), n: Number(place.split('/')[1]) }))
        .filter((node) => node.level === level && node.n > after)
        .slice(0, limit),
    postings: async (_log: number, level: number, n: number, afterKey: string): Promise<Posting[]> =>
      [...(stored(`keys ${level}/${n}/${afterKey}`).keys.get(`${level}/${n}`) ?? [])]
        .map(([key, members]) => ({ key, members: [...members].sort((a, b) => a - b) }))
        .filter(({ key }) => compareKeys(key, afterKey) > 0)
        .sort((a, b) => compareKeys(a.key, b.key)),
  }
  const reader = new IndexReader(store, { log: 1, tenant: 'acme', size }, check)
  for (const [i, event] of events.entries()) {
    check.addEvent(i, { ...event, recordedAt: timeOf(i) }, groupValues(event), false)
    if ((i + 1) % leafWidth === 0 || i === size - 1) await reader.checkLeaf(i + 1)
  }
  await reader.checkRest()
  check.finish({ size, indexedSize: indexed })
  return findings
}

it('finds nothing in an index that is whole', async () => {
  expect((await findingsOf(wholeIndex())).first).toBeUndefined()
})

it('sees each key, place, range, time and top flag that is another, on every level', async () => {
  // Of the leaves the first, one within and the last; of the nodes above all.
  const isTried = (place: string): boolean => !place.startsWith('0/') || ['0/0', '0/5', '0/9'].includes(place)
  const tried = [...wholeIndex().keys].filter(([place]) => isTried(place))
  const places = tried.flatMap(([place, keys]) => [...keys.keys()].map((key) => [place, key] as const))
  const width = (place: string): number => (place.startsWith('0/') ? leafWidth : nodeWidth)
  const changes: [what: string, place: string, change: (stored: Stored) => void][] = places.flatMap(([place, key]) => [
    [`${key} deleted`, place, ({ keys }) => void keys.get(place)!.delete(key)],
    [
      `${key} renamed`,
      place,
      ({ keys }) => void keys.get(place)!.set(`${key}0`, keys.get(place)!.get(key)!).delete(key),
    ],
    ...Array.from({ length: width(place) }, (_, i): (typeof changes)[number] => [
      `${key} of ${i}`,
      place,
      ({ keys }) => {
        const members = keys.get(place)!.get(key)!
        if (!members.delete(i)) members.add(i)
      },
    ]),
  ])
  for (const place of wholeIndex().nodes.keys())
    changes.push(
      ['node deleted', place, ({ nodes }) => void nodes.delete(place)],
      ['earlier end', place, ({ nodes }) => void (nodes.get(place)!.latest -= 1)],
      ['later end', place, ({ nodes }) => void (nodes.get(place)!.latest += 1)],
      ['later beginning', place, ({ nodes }) => void (nodes.get(place)!.earliest += 1)],
      ['top', place, ({ nodes }) => void (nodes.get(place)!.top = !nodes.get(place)!.top)],
      ['a key more', place, ({ keys }) => void keys.get(place)!.set('xnobody', new Set([0]))],
    )
  for (const leaf of wholeIndex().times.keys())
    changes.push(
      ['times deleted', `0/${leaf}`, ({ times }) => void times.delete(leaf)],
      ['another time', `0/${leaf}`, ({ times }) => void (times.get(leaf)![1]! += 1)],
    )
  for (const [what, place, change] of changes) {
    const stored = wholeIndex()
    change(stored)
    const { first } = await findingsOf(stored)
    expect(first, `${what} in ${place}`).toBeDefined()
    const [level, n] = place.split('/').map(Number) as [number, number]
    const [from, to] = first!.range!
    const isAround = from < (n + 1) * widthOf(level) && to > n * widthOf(level)
    expect(isAround, `${what} in ${place}: ${first!.reason}`).toBe(true)
  }
})

it('names the kind of a key and the entry, and not what the key says', async () => {
  const stored = wholeIndex()
  for (const key of stored.keys.get('0/2')!.keys()) if (key.startsWith('uu9')) stored.keys.get('0/2')!.delete(key)
  const { first, firstBad } = await findingsOf(stored)
  expect(firstBad).toBe(9)
  expect(first!.reason).toBe('index 9: actor: the search index does not have it, so a search would miss the event')
})

it('takes a node that is still in the making, and none when more was built since', async () => {
  const making = wholeIndex(32, '3/0')
  expect((await findingsOf(making, 32)).first).toBeUndefined()
  making.keys.set('3/0', new Map([['a', new Set([0])]])) // the first of its keys
  expect((await findingsOf(making, 32)).first).toBeUndefined()
  expect((await findingsOf(wholeIndex(37, '3/0'), 37)).first?.reason).toContain(
    'node 3/0 of the search index is missing',
  )
})

it('looks again at what was erased from while it was read, and believes what stays', async () => {
  const changed = wholeIndex()
  for (const [place, keys] of changed.keys) if (place.endsWith('/0')) keys.delete('aa1')
  expect((await findingsOf((look) => (look < 3 ? changed : wholeIndex()))).first).toBeUndefined()
  expect((await findingsOf((look) => (look < 4 ? changed : wholeIndex()))).first).toBeDefined()
})

it('stops at rows that stand in no order', async () => {
  const stored = wholeIndex()
  const again = Array.from({ length: 4_096 }, (_, i): [string, Set<number>] => [`x${i % 2}`, new Set([0])])
  const endless = {
    ...stored,
    keys: new Map(stored.keys).set('0/3', {
      *[Symbol.iterator]() {
        yield* again
      },
    } as never),
  }
  expect((await findingsOf(endless)).first?.range).toEqual([12, 13])
})
