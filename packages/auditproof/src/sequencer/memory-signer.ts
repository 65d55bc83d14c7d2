/** A signer whose key and state live as long as the process: for tests and stores in memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey } from './key-file.ts'
import { decide, signCheckpoint, stateFromNote } from './signing.ts'
import type { SignedState, Signer, SignRequest, SignResult } from './signer.ts'

export function memorySigner(name: string): Signer {
  const directory = mkdtempSync(join(tmpdir(), 'auditproof-key-'))
  const key = newKey(directory, name)
  rmSync(directory, { recursive: true })
  const states = new Map<string, Omit<SignedState, 'origin'>>()

  function signOne(request: SignRequest): SignResult {
    const state = states.get(request.origin) ?? stateFromNote(request.published, request.origin, key)
    const decision = decide(request, state)
    if (!decision.sign) return decision.result
    states.set(request.origin, { size: request.size, root: request.root })
    return { state: 'signed', note: signCheckpoint(request, key) }
  }
  return {
    name: key.name,
    publicKey: key.publicKey,
    vkey: key.vkey,
    sign: (requests) => Promise.resolve(requests.map(signOne)),
    states: () => Promise.resolve([...states].map(([origin, state]) => ({ origin, ...state }))),
    close: () => Promise.resolve(),
  }
}
