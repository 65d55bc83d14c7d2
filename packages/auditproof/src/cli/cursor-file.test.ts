import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CursorFile } from './cursor-file.ts'

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'auditproof-cursor-'))))
afterEach(() => rmSync(directory, { recursive: true }))
const path = (name = 'cursor'): string => join(directory, name)
const content = (): string => readFileSync(path(), 'utf8')

test('the first is written at once, what comes soon after it a moment later, and nothing else is left there', async () => {
  const file = new CursorFile(path())
  expect(file.read()).toBeUndefined()
  file.keep('first')
  expect(content()).toBe('first\n')
  file.keep('second')
  file.keep('third')
  expect(content()).toBe('first\n')
  await expect.poll(content, { timeout: 2_000 }).toBe('third\n')
  expect(readdirSync(directory)).toEqual(['cursor'])
  expect(new CursorFile(path()).read()).toBe('third')
})

test('no link is written through: beside the file there is none to prepare, and one in its place is replaced', () => {
  writeFileSync(path('victim'), 'precious')
  symlinkSync('victim', path('cursor.new'))
  symlinkSync('victim', path())
  new CursorFile(path()).keep('here')
  expect(readFileSync(path('victim'), 'utf8')).toBe('precious')
  expect(lstatSync(path()).isSymbolicLink()).toBe(false)
  expect(content()).toBe('here\n')
})

test('at the end all is written, and the first error is the one that is told', async () => {
  const file = new CursorFile(path())
  const failed = file.keepWhile(async () => {
    file.keep('first')
    file.keep('second')
    throw new Error('of the work')
  })
  await expect(failed).rejects.toThrow('of the work')
  expect(content()).toBe('second\n')

  mkdirSync(path('taken'))
  const unwritable = new CursorFile(path('taken'))
  const both = unwritable.keepWhile(async () => {
    expect(() => unwritable.keep('x')).toThrow(/cannot be used/)
    throw new Error('of the work')
  })
  await expect(both).rejects.toThrow('of the work')
  await expect(unwritable.keepWhile(async () => {})).rejects.toMatchObject({ code: 'usage' })
  expect(readdirSync(directory)).toEqual(['cursor', 'taken'])
})
