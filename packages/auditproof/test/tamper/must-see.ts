/** What the verifier must say of a tampering: that it is one, of which log, and where. */
import { expect } from 'vitest'
import { AuditError } from '../../src/errors.ts'
import type { VerifyReport } from '../../src/verify/index.ts'
import type { Expected } from './tampering.ts'

export async function mustSee(
  title: string,
  { log, exact, within }: Expected,
  verify: () => Promise<VerifyReport>,
): Promise<void> {
  let report: VerifyReport
  try {
    report = await verify()
  } catch (error) {
    throw new Error(`${title}: threw ${error instanceof AuditError ? error.code : ''}`, { cause: error })
  }
  const text = `${title}\n${JSON.stringify(report, null, 1)}`
  expect(report.verdict, text).toBe('tampered')
  if (log === undefined) return
  const named = report.logs.find(({ origin }) => origin === log.origin)
  expect(named?.verdict, text).toBe('tampered')
  expect(named?.reason, text).toEqual(expect.any(String))
  const { firstBad } = named!
  if (exact !== undefined) expect(firstBad, text).toBe(exact)
  if (within !== undefined) {
    const [from, to] = typeof firstBad === 'number' ? [firstBad, firstBad + 1] : (firstBad ?? [-1, -1])
    expect(from <= within && within < to, `${text}\nnot around ${within}`).toBe(true)
  }
}
