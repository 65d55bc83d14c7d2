/** The executable itself: what it says when the rest cannot be loaded. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const bin = new URL('../../bin/auditproof.js', import.meta.url).pathname
for (const folder of ['bin', 'dist/cli']) mkdirSync(place.path(folder), { recursive: true })
copyFileSync(bin, place.path('bin/auditproof.mjs'))
const run = (): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [place.path('bin/auditproof.mjs')], { encoding: 'utf8' })

test('not built yet: says how to, with 2', () => {
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('npm run build') as string })
})

test('a damaged installation ends with 70, never with the 1 of tampered', () => {
  writeFileSync(place.path('dist/cli/main.js'), 'import "./gone.js"')
  expect(run()).toMatchObject({ status: 70, stderr: expect.stringContaining('gone.js') as string })
})
