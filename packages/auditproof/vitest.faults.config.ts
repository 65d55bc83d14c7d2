import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

const { projects: _projects, ...shared } = base.test!

/** What needs a compiler, strace, root, a mount or Go. One file at a time: they measure and break the disk. */
export default defineConfig({
  ...base,
  test: {
    ...shared,
    include: ['test/faults/**/*.test.ts', 'test/outside/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
  },
})
