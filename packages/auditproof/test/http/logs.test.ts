/** Our logs as a reader of C2SP tlog-tiles sees them: it knows the key and these paths, and nothing else of us. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  decodeEntryBundle, leafHash, noteVerifier, openCheckpoint, parseVkey, rootFromLeaves, tilePath, tilesOfSize, vkeyFor, type Checkpoint,
} from '../../src/log/index.ts' // prettier-ignore
import { openHere, type Here } from './app.ts'

let here: Here
let origin: string
let checkpoint: Checkpoint
const get = async (path: string): Promise<Response> =>
  here.app.request(`/logs/${origin.slice(-16)}${path}`, { headers: here.bearer })

beforeAll(async () => {
  here = openHere()
  await Promise.all(Array.from({ length: 300 }, (_, i) => here.audit.record('a.b', { id: `e${i}` })))
  await here.audit.publish()
  origin = (await (await here.audit.opened()).store.headOf('default'))!.origin
  const { publicKey } = parseVkey((await here.audit.opened()).signer!.vkey)
  const verifier = noteVerifier(vkeyFor(origin, publicKey))
  checkpoint = (await openCheckpoint(await (await get('/checkpoint')).text(), [verifier])).checkpoint
})
afterAll(() => here.audit.close())

test('the checkpoint is signed, short-lived, and text', async () => {
  expect(checkpoint).toMatchObject({ origin, size: 300 })
  const { headers } = await get('/checkpoint')
  expect([headers.get('content-type'), headers.get('cache-control')]).toEqual([
    'text/plain; charset=utf-8',
    'private, max-age=1',
  ])
})

test('entries and tiles lead to its root', async () => {
  const leaves: Uint8Array[] = []
  for (const tile of tilesOfSize(300)) {
    const response = await get(`/${tilePath(tile)}`)
    expect(response.headers.get('cache-control')).toContain('immutable')
    const hashes = new Uint8Array(await response.arrayBuffer())
    expect(hashes.length).toBe(tile.width * 32)
    if (tile.level > 0) continue
    const bundle = new Uint8Array(await (await get(`/${tilePath({ ...tile, level: 'entries' })}`)).arrayBuffer())
    leaves.push(...decodeEntryBundle(bundle, tile.width).map(leafHash))
  }
  expect(rootFromLeaves(leaves)).toEqual(checkpoint.root)
})

test('a partial tile of an older tree stays readable', async () => {
  expect((await (await get('/tile/0/001.p/7')).arrayBuffer()).byteLength).toBe(7 * 32)
})

test('nothing beyond the published size, and nothing that is no tile', async () => {
  await here.audit.record('a.b') // stored, not yet published
  for (const path of [
    '/tile/0/001.p/45',
    '/tile/entries/001.p/45',
    '/tile/0/001',
    '/tile/0/002.p/1',
    '/tile/1/000',
    '/tile/9/000',
    '/tile/0/1',
    '/tile/0/000.p/256',
  ])
    expect((await get(path)).status, path).toBe(404)
  for (const name of ['default', '0000000000000000', '..', '_meta', origin.slice(-15)])
    expect((await here.app.request(`/logs/${name}/checkpoint`, { headers: here.bearer })).status, name).toBe(404)
})

test('the meta log has a name of its own', async () => {
  const closing = openHere()
  await closing.audit.record('a.b')
  const { store, publisher } = await closing.audit.opened()
  await publisher.publishNow()
  await store.appendMeta(10)
  await publisher.publishNow()
  const response = await closing.app.request('/logs/meta/checkpoint', { headers: closing.bearer })
  expect((await response.text()).startsWith(`${store.name}\n`)).toBe(true)
  await closing.audit.close()
})
