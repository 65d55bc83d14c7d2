import { afterEach, expect, test, vi } from 'vitest'

const zoneOfTests = process.env['TZ']
afterEach(() => {
  if (zoneOfTests === undefined) delete process.env['TZ']
  else process.env['TZ'] = zoneOfTests
})

/** A process has one zone, which the module asks for once. */
function zoneModule(zone: string): Promise<typeof import('./zone.ts')> {
  process.env['TZ'] = zone
  vi.resetModules()
  return import('./zone.ts')
}

test.each([
  ['UTC', '2026-01-15 10:00:00Z', '2026-07-15 10:00:00Z'],
  ['Europe/London', '2026-01-15 10:00:00+00:00', '2026-07-15 11:00:00+01:00'],
  ['Africa/Abidjan', '2026-01-15 10:00:00+00:00', '2026-07-15 10:00:00+00:00'],
  ['America/New_York', '2026-01-15 05:00:00-05:00', '2026-07-15 06:00:00-04:00'],
  ['Asia/Kolkata', '2026-01-15 15:30:00+05:30', '2026-07-15 15:30:00+05:30'],
])('in %s times of winter and summer take as many cells as their column has', async (zone, winter, summer) => {
  const { timeText, timeWidth } = await zoneModule(zone)
  const texts = ['2026-01-15T10:00:00', '2026-07-15T10:00:00'].map((time) => timeText(time, false))
  expect(texts).toEqual([winter, summer])
  expect(texts.map((text) => text.length)).toEqual([timeWidth(false), timeWidth(false)])
  expect(timeText('2026-07-15T10:00:00', true)).toHaveLength(timeWidth(true))
})
