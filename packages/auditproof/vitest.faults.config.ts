import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

const { projects: _projects, ...shared } = base.test!

/** What needs a compiler, strace, root, a mount or Go. Each file breaks a disk of its own. */
export default defineConfig({
  ...base,
  test: {
    ...shared,
    include: ['test/faults/**/*.test.ts', 'test/outside/**/*.test.ts'],
    testTimeout: 600_000,
  },
})
