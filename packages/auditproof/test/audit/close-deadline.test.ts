import { expect, it } from 'vitest'
import { createAudit, type Audit, type CloseReport } from '../../src/index.ts'
import { memorySigner } from '../../src/sequencer/memory-signer.ts'
import type { Signer } from '../../src/sequencer/signer.ts'
import { MemoryData, memoryStore } from '../../src/store/memory/index.ts'
import type { Store } from '../../src/store/store.ts'

const timeoutMs = 150
let number = 0

/** An audit of which something never ends. */
function stuck(hang: { store?: (keyof Store)[]; signer?: (keyof Signer)[] }): { audit: Audit; calls: string[] } {
  const name = `deadline.example/${number++}`
  const calls: string[] = []
  const hanging = <T extends object>(target: T, methods: (keyof T)[]): T =>
    new Proxy(target, {
      get(_, key) {
        const value = Reflect.get(target, key) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          calls.push(String(key))
          return methods.includes(key as keyof T) ? new Promise(() => {}) : value.apply(target, args)
        }
      },
    })
  const store = hanging(memoryStore({ name, data: new MemoryData(name) }), hang.store ?? [])
  return { audit: createAudit({ store, signer: hanging(memorySigner(name), hang.signer ?? []) }), calls }
}

async function closed(audit: Audit): Promise<CloseReport> {
  const began = performance.now()
  const report = await audit.close({ timeoutMs })
  // Generous, since tests share the machine; a wait without an end would be seen all the same.
  expect(performance.now() - began).toBeLessThan(timeoutMs + 2_000)
  return report
}

it('close() does not wait for a signer that does not answer, and says that the end is not published', async () => {
  const { audit, calls } = stuck({ signer: ['sign'] })
  await audit.record('a.b')
  const report = await closed(audit)
  expect(report).toEqual({ stored: 1, rejected: 0, unanswered: 0, unpublished: 'it was not done within 150 ms' })
  expect(calls.filter((call) => call === 'close')).toHaveLength(2)
})

it('close() does not wait for a store that does not close, and says so', async () => {
  for (const hang of [{ store: ['close' as const] }, { signer: ['close' as const] }]) {
    const { audit } = stuck(hang)
    await audit.record('a.b')
    expect(await closed(audit)).toMatchObject({ unanswered: 0, unclosed: 'it was not done within 150 ms' })
  }
})

it('close() counts what a store has not answered', async () => {
  const { audit } = stuck({ store: ['append'] })
  void Promise.all([audit.record('a.b'), audit.record('a.b')])
  expect(await closed(audit)).toMatchObject({ stored: 0, rejected: 0, unanswered: 2 })
})

it('close() does not wait for a store that does not open, and closes it when it does', async () => {
  const name = 'deadline.example/opening'
  const signer = memorySigner(name)
  let answer = (): void => {}
  let closes = 0
  const audit = createAudit({
    store: memoryStore({ name }),
    signer: {
      ...signer,
      states: () => new Promise((resolve) => (answer = () => resolve([]))),
      close: async () => void (closes += 1),
    },
  })
  void audit.record('a.b')
  expect(await closed(audit)).toMatchObject({ unanswered: 1, unclosed: 'the store was not open yet after 150 ms' })
  expect(closes).toBe(0)
  answer()
  await expect.poll(() => closes).toBe(1)
})

it('close() says nothing of a deadline that everything met', async () => {
  const { audit } = stuck({})
  await audit.record('a.b')
  expect(await closed(audit)).toEqual({ stored: 1, rejected: 0, unanswered: 0 })
})
