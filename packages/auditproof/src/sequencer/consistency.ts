/** Proofs from the tiles of a store. */
import {
  consistencyPlan,
  hashFromTile,
  inclusionPlan,
  proofFromNodes,
  tileOfNode,
  tilesOfNodes,
  type Hash,
  type ProofPlan,
} from '../log/index.ts'
import type { Store } from '../store/store.ts'

export const consistencyProof = (store: Store, log: number, from: number, to: number): Promise<Hash[]> =>
  proofFrom(store, log, consistencyPlan(from, to), to)

export const inclusionProof = (store: Store, log: number, index: number, size: number): Promise<Hash[]> =>
  proofFrom(store, log, inclusionPlan(index, size), size)

async function proofFrom(store: Store, log: number, plan: ProofPlan, size: number): Promise<Hash[]> {
  const nodes = plan.flat()
  const tiles = new Map<string, Uint8Array>()
  for (const { level, index, width } of tilesOfNodes(nodes, size))
    tiles.set(`${level}/${index}`, await store.tile(log, level, index, width))
  const hashes = nodes.map((node) => {
    const { level, index } = tileOfNode(node, size)
    return hashFromTile(node, tiles.get(`${level}/${index}`)!)
  })
  return proofFromNodes(plan, hashes)
}
