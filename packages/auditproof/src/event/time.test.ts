import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTime } from './time.ts'
import { formatTime, parseTime, sortableTime } from './index.ts'

describe('parseTime', () => {
  it.each<[unknown, string | undefined]>([
    ['2026-06-14T20:25:02Z', '2026-06-14T20:25:02Z'],
    ['2026-06-14t20:25:02z', '2026-06-14T20:25:02Z'],
    ['2026-06-14 20:25:02.120Z', '2026-06-14T20:25:02.120Z'],
    ['2026-06-14T20:25:02.1234567891234Z', '2026-06-14T20:25:02.123456789Z'],
    ['2026-06-14T22:25:02.5+02:00', '2026-06-14T20:25:02.5Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00Z'],
    ['2026-06-14T20:25:02-00:00', '2026-06-14T20:25:02Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:60Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['2026-02-29T00:00:00Z', undefined],
    ['1900-02-29T00:00:00Z', undefined],
    ['2026-04-31T00:00:00Z', undefined],
    ['2026-01-01T24:00:00Z', undefined],
    ['2026-01-01T00:00:60+01:00', undefined],
    ['2026-01-01T00:00:61Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-01-01T00:00:00+24:00', undefined],
    ['0000-01-01T00:00:00+01:00', undefined],
    ['9999-12-31T23:59:59-01:00', undefined],
    ['2026-01-01T00:00:00', undefined],
    ['2026-01-01', undefined],
    ['2026-01-01T00:00:00.Z', undefined],
    ['+002026-01-01T00:00:00Z', undefined],
    ['2026-01-01T00:00:00Z\n', undefined],
    ['٢٠٢٦-01-01T00:00:00Z', undefined],
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
    [new Date(1), '1970-01-01T00:00:00.001Z'],
    [Number.NaN, undefined],
    [new Date(Number.NaN), undefined],
    [8.64e15, undefined],
    [null, undefined],
    [true, undefined],
    [1n, undefined],
  ])('of %s is %s', (value, expected) => {
    expect(parseTime(value)).toBe(expected)
  })

  it('of what only has the prototype of a Date is none', () => {
    expect(parseTime(Object.create(Date.prototype))).toBe(undefined)
  })

  it('reads back what it has written, and what Date writes', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(date, (at) => {
        const text = at.toISOString()
        expect([parseTime(at), parseTime(text), formatTime(at.getTime())]).toEqual([text, text, text])
        expect(isTime(text)).toBe(true)
      }),
    )
  })

  it('agrees with Date about which days exist', () => {
    for (let year = 1896; year <= 2104; year++)
      for (let month = 1; month <= 12; month++)
        for (const day of [28, 29, 30, 31, 32]) {
          const [mm, dd] = [month, day].map((n) => String(n).padStart(2, '0'))
          const exists = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day
          expect(isTime(`${year}-${mm}-${dd}T00:00:00Z`)).toBe(exists)
        }
  })
})

describe('sortableTime', () => {
  it('sorts as the times do, whatever their precision', () => {
    const times = [
      '00',
      '00.000',
      '00.0001',
      '00.001',
      '00.01',
      '00.1',
      '00.10',
      '00.9',
      '01',
      '10.0',
      '10.5',
      '59',
      '60',
    ]
    const sortable = times.map((second) => sortableTime(`2026-01-01T00:00:${second}Z`))
    expect(sortable).toEqual(sortable.toSorted())
    expect(sortable[0]).toBe(sortable[1])
    expect(sortable[5]).toBe(sortable[6])
    expect(sortableTime('2026-01-01T00:00:10Z')).toBe('2026-01-01T00:00:10')
    expect(sortableTime('2026-01-01T00:00:10.000Z')).toBe('2026-01-01T00:00:10')
  })
})
