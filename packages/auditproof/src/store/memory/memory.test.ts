import { describe, expect, it } from 'vitest'
import { testStore, type StoreHarness } from '../../testing/index.ts'
import { MemoryData, memoryStore } from './index.ts'

const name = 'audit.example.org/memory'
let data = new MemoryData(name)
const open: StoreHarness['open'] = async (sources) => memoryStore({ name, sources, data })
const harness: StoreHarness = {
  open,
  second: open,
  destroy: async () => void (data = new MemoryData(name)),
  insertPending: async (json) => void data.pending.push(json),
}

testStore('memory', harness, { describe, it, expect })
