/** What must hold of a data directory whatever happened to the process that wrote it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEntry } from '../../src/event/index.ts'
import { encodeBase64, leafHash, rootFromLeaves } from '../../src/log/index.ts'
import { FileSigner } from '../../src/sequencer/file-signing.ts'
import { SqliteReader } from '../../src/store/sqlite/reader.ts'
import { SqliteWriter } from '../../src/store/sqlite/writer.ts'

export interface Acks {
  attempted: Set<string>
  /** By id, the place that was acknowledged. */
  stored: Map<string, { tenant: string; index: number }>
  failed: Map<string, string>
}

export function readAcks(text: string): Acks {
  const acks: Acks = { attempted: new Set(), stored: new Map(), failed: new Map() }
  for (const line of text.split('\n')) {
    if (!line.endsWith('}')) continue // the process died while writing it
    const told = JSON.parse(line) as
      | { attempted: string }
      | { stored: string; tenant: string; index: number }
      | { failed: string; code: string }
      | { closed: object }
    if ('attempted' in told) acks.attempted.add(told.attempted)
    else if ('stored' in told) acks.stored.set(told.stored, { tenant: told.tenant, index: told.index })
    else if ('failed' in told) acks.failed.set(told.failed, told.code)
  }
  return acks
}

export const acksIn = (directory: string): Acks => {
  const path = join(directory, 'acks')
  return readAcks(existsSync(path) ? readFileSync(path, 'utf8') : '')
}

/**
 * Opens the store as the next process would, records one more event, and counts what is wrong, in words:
 * acknowledged ⊆ stored ⊆ attempted, each once, each log contiguous and under its root, the signer content.
 */
export function problemsOf(directory: string, acks: Acks): string[] {
  const problems: string[] = []
  const path = join(directory, 'audit.db')
  if (!existsSync(path)) return acks.stored.size === 0 ? [] : [`no store, with ${acks.stored.size} events acknowledged`]
  const writer = new SqliteWriter({ path, newStoreName: 'faults.example' })
  const reader = new SqliteReader(path)
  try {
    writer.open()
    const found = new Map<string, { tenant: string; index: number }>()
    for (const { log, tenant, size, root } of reader.heads()) {
      const leaves: Uint8Array[] = []
      while (leaves.length < size) {
        const entries = reader.entries(log, leaves.length, size)
        if (entries.length === 0) break
        for (const { index, id, entry, content } of entries) {
          if (index !== leaves.length) problems.push(`${tenant}: index ${index} after ${leaves.length - 1}`)
          leaves.push(leafHash(entry))
          if (tenant.startsWith('_')) continue
          if (decodeEntry(entry).id !== id) problems.push(`${tenant}/${index}: id ${id} is not that of the entry`)
          if (content === undefined || content.disclosures.length < 5)
            problems.push(`${tenant}/${index}: content is missing`)
          if (found.has(id)) problems.push(`${id} is stored twice`)
          found.set(id, { tenant, index })
        }
      }
      if (leaves.length !== size) problems.push(`${tenant}: head says ${size}, ${leaves.length} entries are there`)
      else if (encodeBase64(rootFromLeaves(leaves)) !== encodeBase64(root))
        problems.push(`${tenant}: the root is another`)
    }
    for (const [id, place] of acks.stored) {
      const at = found.get(id)
      if (at === undefined) problems.push(`${id} was acknowledged and is lost`)
      else if (at.tenant !== place.tenant || at.index !== place.index)
        problems.push(`${id} was acknowledged at another place`)
    }
    for (const id of found.keys()) if (!acks.attempted.has(id)) problems.push(`${id} was never attempted`)
    problems.push(...goOn(writer, reader, directory))
  } catch (error) {
    problems.push(`cannot be opened: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    reader.close()
    writer.close()
  }
  return problems
}

/** Life goes on: one more event is stored, and the signer signs what is there. */
function goOn(writer: SqliteWriter, reader: SqliteReader, directory: string): string[] {
  const submission = {
    id: 'afterwards',
    tenant: 't0',
    occurredAt: '2026-01-01T00:00:00Z',
    timed: false,
    action: 'case.reopen',
    outcome: 'success',
    severity: 'info',
    actor: { type: 'user', id: 'u_8' },
    targets: [],
    producer: { id: 'test', boot: 'test', n: 0 },
    origin: { kind: 'direct' },
  }
  const [outcome] = writer.append(JSON.stringify([submission]))
  if (outcome?.state !== 'stored') return [`nothing can be appended: ${JSON.stringify(outcome)}`]
  if (!existsSync(join(directory, 'signer.key'))) return []
  const signer = new FileSigner(directory, undefined)
  try {
    return reader.unpublished(0, 100).flatMap(({ origin, size, root, publishedSize, proof, published }) => {
      const [result] = signer.sign([{ origin, size, root, from: publishedSize, proof, published }])
      // The state may be ahead of what was published: then the signer wants a proof from there, which exists.
      if (result?.state === 'signed' || (result?.state === 'needs-proof' && result.from <= size)) return []
      return [`the signer refuses ${origin}: ${JSON.stringify(result)}`]
    })
  } finally {
    signer.close()
  }
}
