/** Pages of a list, by every filter, from stores of different sizes; the same queries in turn on each. */
import type { EventInput } from '../src/index.ts'
import { listRows, parseFilter, survey, type Source } from '../src/reader/index.ts'
import type { Store } from '../src/store/store.ts'
import type { Fill } from './fill.ts'
import { percentile } from './rounds.ts'

const tenant = 'acme'
const first = Date.UTC(2026, 0, 1)
/** Between two events; so a size spans ten days a million. */
const stepMs = 864

interface Sized {
  size: number
  store: Store
  source: Source
}

type Query = { readonly [name: string]: string }

/** What each filter asks for, with values that are there; `i` chooses them. */
const filters: readonly [name: string, query: (i: number, size: number) => Query][] = [
  ['none, newest', () => ({})],
  ['none, anywhere', (i, size) => ({ until: timeOf(some(i, size)) })],
  ['actor', (i) => ({ actor: `user/u_${some(i, 500)}` })],
  ['actor by name', (i) => ({ q: `actor:"Mara ${some(i, 500)}"` })],
  ['action', (i) => ({ action: actions[some(i, actions.length)]! })],
  ['action case.*', () => ({ action: 'case.*' })],
  ['target', (i, size) => ({ target: `case/c_${some(i, size / 20)}` })],
  ['outcome denied', () => ({ outcome: 'denied' })],
  ['outcome success', () => ({ outcome: 'success' })],
  ['request', (i, size) => ({ q: `request:req-${some(i, size)}` })],
  ['address', (i) => ({ ip: `10.${some(i, 4)}.${some(i * 7, 250)}.${some(i * 13, 250)}` })],
  ['network of 65,536 addresses', (i) => ({ ip: `10.${some(i, 4)}.0.0/16` })],
  ['one hour', (i, size) => ({ since: timeOf(some(i, size)), until: timeOf(some(i, size) + 3_600_000 / stepMs) })],
  ['changed field', () => ({ q: 'changed:status' })],
  ['word, frequent', () => ({ q: 'again' })],
  ['word, rare', (i) => ({ q: `word${some(i, 5_000)}` })],
  ['two words', (i) => ({ q: `word${some(i, 5_000)} again` })],
  ['actor and action', (i) => ({ actor: `user/u_${some(i, 500)}`, action: 'case.delete' })],
  ['actor and outcome', (i) => ({ actor: `user/u_${some(i, 500)}`, outcome: 'denied' })],
  ['action and network', (i) => ({ action: 'file.read', ip: `10.${some(i, 4)}.0.0/16` })],
  [
    'outcome and one hour',
    (i, size) => ({
      outcome: 'denied',
      since: timeOf(some(i, size)),
      until: timeOf(some(i, size) + 3_600_000 / stepMs),
    }),
  ],
  ['word and not actor', (i) => ({ q: `again -actor:u_${some(i, 500)}` })],
  ['nothing: actor', (i) => ({ actor: `user/nobody_${i}` })],
  ['nothing: word', (i) => ({ q: `nothing${i}` })],
  ['nothing: two that never meet', () => ({ q: 'action:case.read has:changes' })],
  ['nothing: action and target', (i) => ({ action: 'case.nothing', target: `case/c_${i}` })],
]

const actions = ['case.update', 'case.read', 'case.delete', 'file.read', 'file.write', 'user.login', 'user.logout']
/** Spread over the values, the same for every size. */
const some = (i: number, count: number): number =>
  (Math.imul(i + 1, 2_654_435_761) >>> 0) % Math.max(1, Math.floor(count))
const timeOf = (n: number): string => new Date(first + n * stepMs).toISOString()

export interface ReadingOptions {
  /** Opens a store of so many events, filled as far as it is not. */
  open: (filling: Omit<Fill, 'path'>) => Promise<Store>
  sizes: readonly number[]
  queries: number
  rounds: number
}

export async function benchReading({ open, sizes, queries, rounds }: ReadingOptions): Promise<void> {
  const stores: Sized[] = []
  for (const size of sizes) stores.push(await prepare(open, size))
  try {
    const heads = sizes.flatMap((size) => [`p50 at ${size.toLocaleString('en')}`, 'p99'])
    const last = sizes.length > 1
    console.log(
      `## Reading\n\n| a page of 50, milliseconds | ${heads.join(' | ')} |${last ? ' p99 last : first |' : ''}`,
    )
    console.log(`|---|${'---:|'.repeat(heads.length + (last ? 1 : 0))}`)
    for (const [name, query] of filters) {
      const row = await measure(stores, rounds, queries, (sized, i) => page(sized, query(i, sized.size)))
      console.log(rowText(name, row))
    }
    console.log(
      rowText('survey: count to 2,000, facets, 60 bars', await measure(stores, rounds, queries / 10, surveyOnce)),
    )
    console.log()
  } finally {
    for (const { store } of stores) await store.close()
  }
}

function rowText(name: string, row: readonly { p50: number; p99: number }[]): string {
  const cells = row.flatMap(({ p50, p99 }) => [p50.toFixed(2), p99.toFixed(2)])
  if (row.length > 1) cells.push(`${(row.at(-1)!.p99 / row[0]!.p99).toFixed(2)}×`)
  return `| ${name} | ${cells.join(' | ')} |`
}

/** In turn on each store, so that what the machine does meanwhile meets all; the median of the rounds. */
async function measure(
  stores: readonly Sized[],
  rounds: number,
  queries: number,
  query: (sized: Sized, i: number) => Promise<unknown>,
): Promise<{ p50: number; p99: number }[]> {
  const figures = stores.map(() => ({ p50: [] as number[], p99: [] as number[] }))
  for (let round = 0; round <= rounds; round++)
    for (const [s, sized] of stores.entries()) {
      const times: number[] = []
      for (let i = 0; i < queries; i++) {
        const began = performance.now()
        await query(sized, i)
        times.push(performance.now() - began)
      }
      if (round === 0) continue // warms up
      times.sort((a, b) => a - b)
      figures[s]!.p50.push(percentile(times, 0.5))
      figures[s]!.p99.push(percentile(times, 0.99))
    }
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
  return figures.map(({ p50, p99 }) => ({ p50: middle(p50), p99: middle(p99) }))
}

async function page({ source }: Sized, query: Query): Promise<void> {
  await listRows(source, { filter: parseFilter({ tenant, ...query }, 0), limit: 50, now: 0 })
}

const surveyOnce = ({ store }: Sized): Promise<unknown> =>
  survey(store, {
    filter: parseFilter({ tenant, since: timeOf(0), until: timeOf(100_000) }, 0),
    facets: ['action', 'actor', 'outcome'],
    bins: 60,
    now: 0,
  })

async function prepare(open: ReadingOptions['open'], size: number): Promise<Sized> {
  const store = await open({ tenant, size, action: actionOf, event: (n) => eventNumber(n, size) })
  return { size, store, source: { store, cursorKey: new Uint8Array(32) } }
}

const actionOf = (n: number): string => actions[some(n, actions.length)]!

/** One in a hundred late by up to an hour. */
function eventNumber(n: number, size: number): EventInput {
  const late = n % 100 === 99 ? some(n, 3_600_000) : 0
  const person = some(n * 3, 500)
  return {
    occurredAt: new Date(first + n * stepMs - late).toISOString(),
    actor: { type: 'user', id: `u_${person}`, name: `Mara ${person}` },
    target: { type: 'case', id: `c_${some(n * 5, size / 20)}` },
    outcome: n % 20 === 7 ? 'denied' : 'success',
    context: { ip: `10.${n % 4}.${some(n * 7, 250)}.${some(n * 11, 250)}`, requestId: `req-${n}` },
    details: { note: `word${some(n * 13, 5_000)} again` },
    ...(actionOf(n) !== 'case.read' &&
      n % 3 === 0 && { changes: [{ path: '/status', op: 'replace', old: 'open', new: 'closed' }] }),
  }
}
