import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** What needs a compiler, strace, root, a mount or Go. One file at a time: they measure and break the disk. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [],
    include: ['test/faults/**/*.test.ts', 'test/outside/**/*.test.ts'],
    exclude: [],
    maxWorkers: 1,
    testTimeout: 600_000,
  },
})
