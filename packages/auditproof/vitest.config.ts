import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The condition makes `#sha256` resolve to the sources, so that tests never run against an old build.
const conditions = ['auditproof-source', 'node']

// A store starts threads and a command is a process, and each of them reads the sources: what Node has once made of a file
// is kept, by its content. It halves the whole run.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

/** They need a server, which is started when one of them runs. */
const onPostgres = ['src/**/postgres/**/*.test.ts', 'test/postgres/**/*.test.ts']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['auditproof-source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/outside/**', ...onPostgres],
        },
      },
      {
        extends: true,
        test: { name: 'postgres', include: onPostgres, globalSetup: 'test/postgres/global-setup.ts' },
      },
    ],
    execArgv: ['--conditions=auditproof-source'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
