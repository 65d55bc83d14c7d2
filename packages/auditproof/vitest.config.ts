import { defineConfig } from 'vitest/config'

// The condition makes `#sha256` resolve to the sources, so that tests never run against an old build.
const conditions = ['auditproof-source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['auditproof-source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/faults/**', 'test/outside/**'],
    execArgv: ['--conditions=auditproof-source'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
