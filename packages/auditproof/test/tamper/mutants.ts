/**
 * Takes one check out of the verifier at a time and runs its tests, which must fail: a check whose absence nobody notices
 * is not tested. Run by hand, some minutes: `node --conditions=auditproof-source test/tamper/mutants.ts [name …]`.
 * README.md beside this file says what came of it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Mutant {
  name: string
  file: string
  from: string
  to: string
}

const mutants: Mutant[] = []
const inFile =
  (file: string) =>
  (name: string, from: string, to: string): void =>
    void mutants.push({ name, file, from, to })

const row = inFile('verify/row-check.ts')
row('leaf hash not compared', '!sameHash(hash, row.leafHash)', 'false')
row('entry not decoded strictly', "findings.at(row.index, 'entries', error.message)", '')
row('id not compared', 'entry.id !== row.id', 'false')
row('missing content not noticed', "findings.at(row.index, 'disclosures', 'its content is gone')", '')
row('disclosure digests not compared', '!entry.digests.includes(disclosureDigest(text))', 'false')
row('change digests not compared', 'disclosureDigest(change) !== digest', 'false')
row(
  'missing group needs no record',
  'if (erased.groups.has(group)) continue',
  'if (!disclosures.includes(text ?? "") || erased.groups.has(group)) continue',
)
row('erased content may come back', 'erased.groups.has(group) && !erased.late.has(group)', 'false')
row('disclosures left over not noticed', 'at < disclosures.length', 'false')
row('search columns not compared', 'stored[column] !== derived[column]', 'false')
for (const column of [
  'occurredAt',
  'recordedAt',
  'action',
  'outcome',
  'severity',
  'actor',
  'actorName',
  'target',
  'targetName',
])
  row(
    `search column ${column} not compared`,
    'stored[column] !== derived[column]',
    `column !== '${column}' && stored[column] !== derived[column]`,
  )

const tree = inFile('verify/tree-check.ts')
tree('missing tile not noticed', "this.#findings.add('tiles', `tile 0/${n} is missing`, leavesOf(0, n))", 'void 0')
tree('missing upper tile not noticed', "this.#findings.add('tiles', `tile ${name} is missing`)", 'void name')
tree('hashes of tiles not compared', '!sameHash(hashes, derived.hashes)', 'false')
tree('roots of tiles not compared', '!sameHash(root, derived.root)', 'false')
tree(
  'roots of checkpoints not compared',
  'if (sameHash(root, derived)) continue',
  'if (derived !== undefined) continue',
)
tree('a checkpoint beyond the end not noticed', 'if (size > sizeNow)', 'if (size < 0)')
tree('the last good checkpoint not remembered', 'if (this.#next > first && !broken)', 'if (false as boolean)')

const log = inFile('verify/log-check.ts')
log(
  'missing entry not noticed',
  'if (this.#gap !== undefined) return this.#reportGap(this.#gap)',
  'if (this.#gap !== undefined) return',
)
log(
  'entry beyond the end not noticed',
  "if (index >= sizeNow) this.findings.at(index, 'entries'",
  "if (index < 0) this.findings.at(index, 'entries'",
)
log('tile beyond the end not noticed', 'if (!fits || !isNew)', 'if (false as boolean)')
log('time that goes back not noticed', 'time < this.#recordedAt', 'false')
log('root of the head not compared', '!sameHash(this.#tree.root, this.claim.root)', 'false')
log('time of the head not compared', 'this.#newestTime !== this.claim.recordedAt', 'false')
log('id in the meta log not compared', 'row.id !== `${origin.slice(-16)}:${size}`', 'false')
log('leaf hash in the meta log not compared', '!sameHash(hash, row.leafHash)', 'false')
log('content in the meta log not noticed', 'row.content !== undefined', 'false')

const erasure = inFile('verify/erasure-check.ts')
erasure('unknown group not noticed', '!groups.includes(group)', 'false')
erasure('an erasure before its event not noticed', 'by <= index', 'false')
erasure('an erasure that no event records', 'by >= 0', 'false')
erasure('a recorded erasure without its row', 'by === undefined || by > index', 'false')
erasure('records may be erased', 'this.#next.has(index)', 'false')
const rest = inFile('verify/log-check.ts')
rest('an erasure by an event that is not there', 'this.#erasures.lastBy >= Math.max(sizeNow, this.claim.size)', 'false')
rest(
  'an erasure beyond the end',
  'for (const { index, group } of erasures)',
  'for (const { index, group } of [] as typeof erasures)',
)
rest('two entries of one id', 'this.#ids.add(row.id, row.index)', 'void this.#ids')

const leaf = inFile('verify/leaf-check.ts')
leaf('keys that the index lacks', 'for (const place of places) this.#lack(place, key)', '')
leaf('places that the index lacks', 'for (const place of left) this.#lack(place, key)', '')
leaf(
  'places that the event does not have',
  'else if (!left.delete(place) && !this.#unknown.has(place))',
  'else if (!left.delete(place) && place < 0)',
)
leaf('a key of no place', 'if (stored.length === 0) this.#differ(', 'if (stored.length < 0) this.#differ(')
leaf('a place twice', 'if (place <= previous)', 'if (place < -1)')
leaf('a place beyond the end', 'this.#ahead = Math.max(this.#ahead, index)', 'void index')
leaf('a word before its time', 'this.#laterAhead = Math.max(this.#laterAhead, index)', 'void index')
leaf('times of a leaf that is not full', 'if (stored !== undefined && !this.isBuilt)', 'if (false as boolean)')
const nodes = inFile('verify/index-check.ts')
nodes('an index larger than its log', 'claim.indexedSize > claim.size', 'false')
nodes(
  'a node that is missing',
  "if (row === undefined) return this.#problem(level, child.n, 'is missing')",
  'if (row === undefined) continue',
)
nodes('another range of time', 'child.range !== undefined && !isRangeOf(', 'child.range === undefined && !isRangeOf(')
nodes('a node that no search begins with', 'row.top !== (above === undefined)', 'false')
const places = inFile('evidence/index-places.ts')
places('rows where no entries are', 'if (isPlace(place, head)) continue', 'if (place.level > -9) continue')
const rows = inFile('store/sqlite/index-rows.ts')
rows('a key of bytes that are no text', 'const isRead = ', 'const isRead = true || ')

const feed = inFile('verify/feed-check.ts')
feed('gap in the feed not noticed', 'position !== this.#position + 1', 'false')
feed('range of the feed not compared', 'from !== reached', 'false')
feed('empty row of the feed not noticed', 'to <= from', 'false')
const feedEnd = inFile('evidence/feed.ts')
feedEnd('feed of a log that is not there', 'if (head === undefined) report(', 'if (head === undefined) void (')
feedEnd(
  'feed of the meta log',
  "else if (head.tenant === metaTenant) report(log, 'the feed tells of the meta log')",
  '',
)
feedEnd('feed beyond the checkpoint', 'reached > (head.published?.size ?? 0)', 'false')
feedEnd('feed behind the checkpoint', 'reached < (published?.size ?? 0)', 'false')

const kept = inFile('evidence/checkpoints.ts')
kept('order of kept checkpoints not compared', 'previous !== found.largestKept', 'false')
kept('bad signatures not noticed', "opened.state === 'bad'", 'false as boolean')
kept('newest note taken for a kept one', ' && head.published?.size === found.largestKept', '')
kept('size beside a note not compared', 'checkpoint.size !== size', 'false')
kept('kept checkpoints commit to nothing', 'found.commitments.push(', 'void (')
const whole = inFile('evidence/verify-store.ts')
whole('name of the store not compared', 'if (!name)', 'if (false as boolean)')
whole('no checkpoint kept', 'published !== undefined && checkpoints.firstKept === 0', 'false')
whole('a kept checkpoint beyond the newest', 'checkpoints.largestKept > (now?.published?.size ?? 0)', 'false')
whole('known logs may be gone', 'if (size > (head?.size ?? 0))', 'if (size < 0)')

const meta = inFile('evidence/meta-notes.ts')
meta('bad signatures in the meta log', "one.state === 'bad'", 'false as boolean')
meta('checkpoints of no log', 'head === undefined || head.tenant === metaTenant', 'false as boolean')
meta('checkpoints that do not grow', 'size <= (known.at(-1)?.size ?? 0)', 'false')
meta('what the head says of the meta log', 'head.metaSize !== held', 'false')
meta('what the head of the meta log says', 'head.metaSize !== 0', 'false')
meta('meta log ahead of its log', 'held > (head.published?.size ?? 0)', 'false')
meta('checkpoints commit to nothing', 'known.push(', 'void (')

const tenants = inFile('evidence/announcements.ts')
tenants('announced twice', 'byOrigin.has(origin)', 'false')
tenants('announced and gone', '!origins.has(origin)', 'false')
tenants('announced nowhere', 'if (announced === undefined)', 'if (announced === undefined && tenant === "")')
tenants('announced for another tenant', 'announced.tenant !== tenant', 'false')

const policy = inFile('verify/policy.ts')
policy('origin of a note not compared', 'checkpoint.origin !== origin', 'false')
policy('any name that begins like the key', '!origin.startsWith(`${name}/`)', '!origin.startsWith(name)')
policy('a key for every name', 'if (origin !== name && !origin.startsWith(`${name}/`)) return undefined', '')
const receipt = inFile('verify/receipt.ts')
receipt(
  'inclusion in a receipt not checked',
  'checkInclusion({ leafHash: leafHash(entry), index, size, root, proof })',
  '',
)
receipt('signature on a receipt not checked', "signature.state === 'signed'", 'signature !== undefined')
receipt('end of extra not checked', "disclosures.pop() !== ''", 'disclosures.pop() === undefined')
receipt(
  'disclosures of a receipt not checked',
  'openDisclosures(entry.digests, disclosures)',
  'openDisclosures(entry.digests, [])',
)

const earlier = inFile('evidence/earlier.ts')
earlier('signature on an earlier checkpoint not checked', "opened.state === 'bad'", 'false as boolean')
earlier(
  'earlier checkpoints commit to nothing',
  "commit(origin, { size, root, check: 'earlier checkpoints', by: 'the earlier checkpoint' })",
  '',
)
earlier(
  'signer states commit to nothing',
  "commit(origin, { size, root, check: 'signer', by: 'what was signed last' })",
  'void [origin, size, root]',
)

const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The package as it is now, so that what is edited meanwhile changes nothing. Inside it, so that dependencies are found. */
const root = mkdtempSync(join(packageRoot, '.mutant-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
for (const name of [
  'src',
  'test/tamper',
  'test/verify',
  'test/vectors',
  'test/fixtures',
  'test/effort.ts',
  'package.json',
  'vitest.config.ts',
])
  cpSync(join(packageRoot, name), join(root, name), { recursive: true })

/** @returns the first test that failed; undefined where none did */
function killerOf({ file, from, to }: Mutant): string | undefined {
  const path = join(root, 'src', file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  try {
    // The tamperings first: they see most, and soon.
    return (
      firstFailure(['test/tamper/tamper']) ??
      firstFailure(['test/tamper/rollback', 'test/verify', 'test/vectors/receipt'])
    )
  } finally {
    writeFileSync(path, text)
  }
}

function firstFailure(tests: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(
    'vitest',
    ['run', '--root', root, '--bail', '1', '--no-file-parallelism', ...tests],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, AUDITPROOF_TAMPERINGS: '200', AUDITPROOF_SEED: '1', NO_COLOR: '1' },
    },
  )
  if (status === null) throw new Error('vitest did not run')
  if (status === 0) return undefined
  const [, test = '', why = ''] = /FAIL\s+([^\n]*)\n([^\n]*)/.exec(stderr + stdout) ?? []
  const [, tampering] = /of seed 1: (.*)/.exec(why) ?? []
  return tampering?.slice(0, 100) ?? `${test.replace(/^.* > /, '')} (${why.slice(0, 80)})`
}

const wanted = process.argv.slice(2)
const unharmed = firstFailure(['test/tamper', 'test/verify', 'test/vectors/receipt'])
if (unharmed !== undefined) throw new Error(`Without a mutant: ${unharmed}`)
let survivors = 0
for (const mutant of mutants.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const killer = killerOf(mutant)
  if (killer === undefined) survivors += 1
  console.log(`| ${mutant.name} | ${mutant.file} | ${killer ?? '**survived**'} |`)
}
process.exitCode = survivors === 0 ? 0 : 1
