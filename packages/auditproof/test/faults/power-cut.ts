/**
 * What a disk may hold after a power cut, from the trace of what a process did to it. Synced data stay. Each write
 * that was not synced is kept, dropped, or torn at a sector; a file whose directory was not synced may be gone.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export type DiskOp =
  | { op: 'W'; path: string; offset: number; data: Buffer }
  | { op: 'S' | 'C' | 'U' | 'F'; path: string }
  | { op: 'T'; path: string; size: number }
  | { op: 'L'; path: string; to: string }
  | { op: 'A'; text: string }

const sectorBytes = 512

export function parseTrace(trace: Buffer): DiskOp[] {
  const ops: DiskOp[] = []
  for (let at = 0; at < trace.length;) {
    const op = String.fromCharCode(trace[at]!)
    const pathLength = trace.readUInt32LE(at + 1)
    const offset = Number(trace.readBigUInt64LE(at + 5))
    const length = Number(trace.readBigUInt64LE(at + 13))
    const path = trace.toString('utf8', at + 21, at + 21 + pathLength)
    const data = trace.subarray(at + 21 + pathLength, at + 21 + pathLength + length)
    at += 21 + pathLength + length
    if (op === 'W') ops.push({ op, path, offset, data })
    else if (op === 'T') ops.push({ op, path, size: offset })
    else if (op === 'A') ops.push({ op, text: data.toString() })
    else if (op === 'L') ops.push({ op, path, to: data.toString() })
    else if (op === 'S' || op === 'C' || op === 'U' || op === 'F') ops.push({ op, path })
    else throw new Error(`a trace with op ${op}`)
  }
  return ops
}

interface File {
  synced: Bytes
  unsynced: Extract<DiskOp, { op: 'W' | 'T' }>[]
  /** Its name survives: its directory was synced since it was made. */
  named: boolean
}

/** A disk on which the ops of a trace happen one by one. */
export class SimulatedDisk {
  readonly #files = new Map<string, File>()
  /** Removed, but the directory not synced since: may be back. */
  readonly #removed = new Map<string, File>()
  acks = ''

  /** @param contents what lay there before, durably */
  constructor(contents: ReadonlyMap<string, Buffer> = new Map()) {
    for (const [path, content] of contents)
      this.#files.set(path, { synced: new Bytes(content), unsynced: [], named: true })
  }

  apply(op: DiskOp): void {
    switch (op.op) {
      case 'A':
        this.acks += op.text
        break
      case 'C':
        this.#files.set(op.path, { synced: new Bytes(), unsynced: [], named: false })
        break
      case 'L':
        this.#files.set(op.to, this.#file(op.path))
        break
      case 'U':
        this.#removed.set(op.path, this.#file(op.path))
        this.#files.delete(op.path)
        break
      case 'W':
      case 'T':
        this.#file(op.path).unsynced.push(op)
        break
      case 'S':
        this.#sync(op.path)
        break
      case 'F':
        break
    }
  }

  /** Writes into `directory` what may be found after a cut at this moment. */
  cut(directory: string, random: () => number): void {
    mkdirSync(directory, { recursive: true })
    // Whole runs of fates, too: all dropped and all kept are the cases that random choice hardly ever makes.
    const bias = random()
    const fate = (): number => (bias < 0.2 ? 0 : bias < 0.3 ? 1 : random())
    for (const [path, file] of this.#files) {
      if (path.endsWith('-shm')) continue // mapped, and rebuilt by SQLite
      if (!file.named && fate() < 0.5) continue
      writeFileSync(join(directory, basename(path)), contentAfterCut(file, fate, random))
    }
    for (const [path, file] of this.#removed)
      if (!path.endsWith('-shm') && !this.#files.has(path) && fate() < 0.5)
        writeFileSync(join(directory, basename(path)), contentAfterCut(file, fate, random))
  }

  #file(path: string): File {
    let file = this.#files.get(path)
    if (file === undefined) this.#files.set(path, (file = { synced: new Bytes(), unsynced: [], named: false }))
    return file
  }

  #sync(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) {
      for (const [name, inside] of this.#files) if (name.startsWith(`${path}/`)) inside.named = true
      this.#removed.clear()
      return
    }
    for (const op of file.unsynced) file.synced.apply(op, Infinity)
    file.unsynced = []
  }
}

function contentAfterCut(file: File, fate: () => number, random: () => number): Buffer {
  const content = new Bytes(file.synced.view())
  for (const op of file.unsynced) {
    const chance = fate()
    if (chance < 0.4) continue // dropped
    const torn = op.op === 'W' && chance < 0.6
    content.apply(op, torn ? Math.floor((random() * op.data.length) / sectorBytes) * sectorBytes : Infinity)
  }
  return content.view()
}

/** The content of a file, growing by doubling: a write-ahead log grows by a page at a time. */
class Bytes {
  #buffer: Buffer
  #length: number

  constructor(content: Buffer = Buffer.alloc(0)) {
    this.#buffer = Buffer.from(content)
    this.#length = content.length
  }

  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** @param bytes of a write that reach the disk */
  apply(op: Extract<DiskOp, { op: 'W' | 'T' }>, bytes: number): void {
    if (op.op === 'T') {
      if (op.size > this.#length) this.#growTo(op.size)
      else this.#buffer.fill(0, op.size, this.#length) // what grows there again is zeros, as in a hole
      this.#length = op.size
      return
    }
    const data = op.data.subarray(0, bytes)
    this.#growTo(op.offset + data.length)
    data.copy(this.#buffer, op.offset)
  }

  #growTo(length: number): void {
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length))
      this.view().copy(larger)
      this.#buffer = larger
    }
    this.#length = Math.max(this.#length, length)
  }
}
