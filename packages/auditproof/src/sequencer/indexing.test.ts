import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).pathname)

/** In a process of its own, which nothing else keeps alive. */
const script = `
import { Indexing } from ${here('./indexing.ts')}
import { memoryStore } from ${here('../store/memory/index.ts')}
const store = memoryStore({ name: 'indexing.example' })
const built = []
store.buildIndex = () => new Promise((resolve) => setTimeout(() => resolve(built.push(1) < 2 ? 5 : 0), 60))
const indexing = new Indexing(store)
indexing.nudge()
while (built.length === 0) {
  indexing.nudge() // something is recorded while the first piece is built
  await new Promise((resolve) => setTimeout(resolve, 10))
}
await indexing.close() // in the pause behind it
console.log('closed, all built:', built.length === 2)
`

test('close ends a pause, and builds the rest, also where nothing else keeps the process alive', () => {
  const args = ['--conditions=auditproof-source', '--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe(
    'closed, all built: true\n',
  )
})
