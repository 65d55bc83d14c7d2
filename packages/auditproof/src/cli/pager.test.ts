import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { openPager } from './pager.ts'

const work = mkdtempSync(join(tmpdir(), 'auditproof-pager-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))
const file = join(work, 'read')
const intoFile = `cat > '${file}'`

let written = ''
let noted = ''
const io: Io = {
  write: (text) => {
    written += text
    return Promise.resolve()
  },
  note: (text) => {
    noted += `${text}\n`
  },
  paint: (_style, text) => text,
  columns: 80,
  notesAreSeen: true,
  keepGoingUnread: () => {},
}
beforeEach(() => {
  written = noted = ''
  rmSync(file, { force: true })
})

test('the pager gets everything, in order, and close() waits until it has read', async () => {
  const pager = openPager(io, { PAGER: `sleep 0.2; ${intoFile}` }, true)
  const lines = Array.from({ length: 5_000 }, (_, i) => `${i} ${'x'.repeat(100)}\n`)
  for (const line of lines) await pager.write(line)
  await pager.close()
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''))
  expect({ written, noted }).toEqual({ written: '', noted: '' })
})

test('AUDITPROOF_PAGER goes before PAGER', async () => {
  const pager = openPager(io, { PAGER: 'false', AUDITPROOF_PAGER: intoFile }, true)
  await pager.write('a')
  await pager.close()
  expect(readFileSync(file, 'utf8')).toBe('a')
})

test.each<[string, Io, NodeJS.ProcessEnv, boolean]>([
  ['stdout is no terminal', { ...io, columns: undefined }, {}, true],
  ['it is not wanted', io, {}, false],
  ['the terminal is dumb', io, { TERM: 'dumb' }, true],
  ['the variable is empty', io, { AUDITPROOF_PAGER: '' }, true],
])('there is none where %s', async (_why, on, env, wanted) => {
  const pager = openPager(on, { PAGER: intoFile, ...env }, wanted)
  await pager.write('a')
  await pager.close()
  expect(written).toBe('a')
  expect(existsSync(file)).toBe(false)
})

test('none is started for no results', async () => {
  await openPager(io, { PAGER: intoFile }, true).close()
  expect(existsSync(file)).toBe(false)
})

test('who stops reading ends it quietly', async () => {
  const pager = openPager(io, { PAGER: 'head -c 10 > /dev/null' }, true)
  let writes = 0
  while (!pager.unread && writes < 100_000) {
    await pager.write('x'.repeat(1_000))
    writes += 1
  }
  expect(pager.unread).toBe(true)
  expect(writes).toBeLessThan(100_000)
  await pager.write('more')
  await pager.close()
  expect({ written, noted }).toEqual({ written: '', noted: '' })
})

test.each([1, 10, 3_000_000])(
  'where there is no such pager nothing is lost, of %i characters at once',
  async (units) => {
    const pager = openPager(io, { PAGER: 'auditproof-no-such-pager 2> /dev/null' }, true)
    const pieces = Array.from({ length: 3 }, (_, i) => String(i).repeat(units))
    for (const piece of pieces) await pager.write(piece)
    await pager.close()
    expect(written === pieces.join('')).toBe(true)
    expect(noted).toMatch(/"auditproof-no-such-pager .*could not be started/)
    expect(pager.unread).toBe(false)
  },
)

test('Ctrl-C is for the pager while it reads, and afterwards what it was before', async () => {
  const before = (): void => {}
  process.on('SIGINT', before)
  try {
    const pager = openPager(io, { PAGER: intoFile }, true)
    await pager.write('a')
    expect(process.listeners('SIGINT')).not.toContain(before)
    process.emit('SIGINT')
    await pager.close()
    expect(process.listeners('SIGINT')).toContain(before)
  } finally {
    process.off('SIGINT', before)
  }
})
