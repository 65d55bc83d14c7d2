/** What the disk itself does: 4 KiB and fdatasync, on a growing file. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { percentile, type Measured } from './rounds.ts'

export function rawFdatasync(directory: string, ms: number): Promise<Measured> {
  const path = join(directory, 'raw')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096, 1)
  const times: number[] = []
  const began = performance.now()
  while (performance.now() - began < ms) {
    const start = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    times.push(performance.now() - start)
  }
  closeSync(file)
  rmSync(path)
  const rate = times.length / ((performance.now() - began) / 1_000)
  times.sort((a, b) => a - b)
  return Promise.resolve({ rate, p50: percentile(times, 0.5), p99: percentile(times, 0.99) })
}
