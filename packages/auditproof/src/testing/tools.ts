/**
 * What the suite needs of a test runner, as structural types: vitest's functions fit, and so the published package
 * depends on no runner.
 */
export interface TestTools {
  describe: (name: string, define: () => void) => unknown
  it: (name: string, run: () => Promise<void>, timeoutMs?: number) => unknown
  expect: (actual: unknown, message?: string) => Expectation
}

export interface Expectation {
  toBe: (expected: unknown) => void
  toEqual: (expected: unknown) => void
  toMatchObject: (expected: object) => void
  rejects: { toMatchObject: (expected: object) => Promise<void> }
}
