/**
 * How much of what could be tried is tried: enough for a fault to show within a few runs of `npm test`, and all of it with
 * AUDITPROOF_LONG=1, as in `.ci/run`. What is said of each try is the same.
 */
export const tries = (all: number, some: number): number => (process.env['AUDITPROOF_LONG'] === '1' ? all : some)
