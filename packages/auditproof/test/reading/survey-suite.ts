/** Figures are of all that is selected, whether or not bars are drawn of it; on every driver. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Audit } from '../../src/audit.ts'
import { parseFilter, survey, type SurveyReport } from '../../src/reader/index.ts'

const now = Date.UTC(2026, 2, 10)

export function surveySuite(driver: string, open: () => Audit): void {
  describe(`a survey in ${driver}`, () => {
    let audit: Audit
    beforeAll(async () => {
      audit = open()
      await audit.record('a.old', { id: 'e1', occurredAt: '2024-01-01T00:00:00Z', details: { t: 'at: lunch' } })
      await audit.record('a.new', { id: 'e2', occurredAt: '2026-03-09T00:00:00Z', outcome: 'denied' })
      await audit.record('a.early', { id: 'e3', occurredAt: '2031-01-01T00:00:00Z' })
      const { store } = await audit.opened()
      while ((await store.buildIndex()) > 0);
    })
    afterAll(() => audit.close())

    const surveyed = async (q: string, bins = 0): Promise<SurveyReport> =>
      survey((await audit.opened()).store, { filter: parseFilter({ q }, now), now, facets: ['action'], bins })

    test.each([
      ['', 3, 0],
      ['at:<2026-01-01', 1, 0],
      ['"at: lunch"', 1, 0],
      ['at:>=2024-01-01', 3, 10],
      ['at:>=-7d', 2, 10],
      ['at:2026-03-09', 1, 10],
      ['at:>=2030-01-01', 1, 0],
      ['at:>=2026-03-09 at:<2026-03-08', 0, 0],
    ])('%j is of %i events; of %i bars', async (q, count, bars) => {
      const [plain, drawn] = [await surveyed(q), await surveyed(q, 10)]
      expect([plain.count, plain.histogram]).toEqual([count, []])
      expect(drawn).toEqual({ ...plain, histogram: expect.objectContaining({ length: bars }) as object })
    })

    test('bars end now: what claims to be of later is in the count alone', async () => {
      const { count, histogram } = await surveyed('at:>=2026-03-09', 4)
      expect(count).toBe(2)
      expect(histogram.map((bar) => [bar.from, bar.count, bar.denied])).toEqual([
        ['2026-03-09T00:00:00.000Z', 1, 1],
        ['2026-03-09T06:00:00.000Z', 0, 0],
        ['2026-03-09T12:00:00.000Z', 0, 0],
        ['2026-03-09T18:00:00.000Z', 0, 0],
      ])
    })
  })
}
