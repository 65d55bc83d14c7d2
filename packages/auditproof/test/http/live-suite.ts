/** What tests of the live stream begin with: a server, clients that are closed after each test. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { bearer, LiveClient, startServer, temporaryData, type Served } from './served.ts'

export interface LiveSuite {
  /** Its data directory. */
  data: string
  /** The server, from the first test on. */
  here: () => Served
  /** What is to be ended after the test, last first. */
  ends: (() => unknown)[]
  follow: (query: string, headers?: { [name: string]: string }, at?: Served) => Promise<LiveClient>
}

export function liveSuite(): LiveSuite {
  const { data, remove } = temporaryData()
  const ends: (() => unknown)[] = []
  let served: Served
  beforeAll(async () => {
    served = await startServer(data, { liveLimits: { livePingMs: 300 } })
  })
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })
  afterAll(async () => {
    await served.stop()
    remove()
  })
  return {
    data,
    here: () => served,
    ends,
    follow: async (query, headers = bearer, at = served) => {
      const client = await LiveClient.open(`${at.url}/api/v1/live?${query}`, headers)
      ends.push(() => client.close())
      return client
    },
  }
}

export const connected = (client: LiveClient): boolean => client.lastEventId !== ''

export const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`)
