import { expect, test } from 'vitest'
import { AuditError, errorCodes } from '../errors.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { reportError } from './report-error.ts'

function collect(): { io: Pick<Io, 'note'>; notes: string[] } {
  const notes: string[] = []
  return { notes, io: { note: (text) => void notes.push(text) } }
}

test('the exit codes are the documented ones', () => {
  expect(exitCodes).toEqual({
    ok: 0,
    tampered: 1,
    usage: 2,
    notCheckable: 3,
    unreadable: 4,
    unreachable: 5,
    nothingMatched: 6,
    bug: 70,
    interrupted: 130,
    terminated: 143,
  })
})

const table: [exitCode: number, codes: string][] = [
  [1, 'signature_invalid proof_invalid digest_mismatch signer_refused store_corrupt store_rolled_back'],
  [2, 'usage tenant_required cursor_ahead not_found erase_refused'],
  [
    4,
    'id_conflict entry_malformed entry_version disclosure_malformed note_malformed key_malformed checkpoint_malformed ' +
      'proof_malformed tile_malformed input_malformed store_rejected store_format',
  ],
  [
    5,
    'key_missing key_mismatch store_unavailable store_busy disk_full outcome_unknown queue_full closed ' +
      'transaction_failed not_published',
  ],
]

test.each(table)('exit code %i', (exitCode, codes) => {
  for (const code of codes.split(' ')) expect(exitCodeOf[code as keyof typeof exitCodeOf], code).toBe(exitCode)
})

test('every error code has its place in the table', () => {
  expect(table.flatMap(([, codes]) => codes.split(' ')).sort()).toEqual([...errorCodes].sort())
})

test('an error is a message and what to do next', () => {
  const { io, notes } = collect()
  expect(reportError(new AuditError('usage', 'Which event?', { hint: 'auditproof log' }), io as Io, {})).toBe(2)
  expect(notes).toEqual(['auditproof: Which event?', '  → auditproof log'])
})

test('a bug shows no stack, unless it is asked for, and never exits with what means tampered', () => {
  const { io, notes } = collect()
  expect(reportError(new TypeError('oops'), io as Io, {})).toBe(70)
  expect(notes.join('\n')).not.toContain('exit-codes.test')
  reportError(new TypeError('oops'), io as Io, { AUDITPROOF_DEBUG: '1' })
  expect(notes.join('\n')).toContain('exit-codes.test')
})

test('what the file system refuses is no bug', () => {
  const { io } = collect()
  expect(
    reportError(
      Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' }),
      io as Io,
      {},
    ),
  ).toBe(5)
})
