/** One server for all test files; `AUDITPROOF_TEST_PG` names another one, with a superuser. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a superuser. */
    postgresUrl: string
  }
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env['AUDITPROOF_TEST_PG']
  if (given !== undefined && given !== '') {
    provide('postgresUrl', given)
    return async () => {}
  }
  const { url, stop } = await startPostgres()
  provide('postgresUrl', url)
  return stop
}
