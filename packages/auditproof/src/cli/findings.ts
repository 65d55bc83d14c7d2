/** What `doctor` finds: good, worth knowing, or wrong, and what to do about it. */
import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { parseWhen } from '../query/when.ts'
import type { LogHead, Store } from '../store/store.ts'
import type { SignedState } from '../sequencer/signer.ts'
import type { Places } from './globals.ts'
import { absolute } from './globals.ts'
import { plural } from './progress.ts'

export interface Finding {
  name: string
  state: 'ok' | 'warning' | 'wrong'
  detail: string
  fix?: string
}

const freeBytesWarn = 1024 ** 3
const freeBytesWrong = 64 * 1024 ** 2
/** Ahead of the clock by more than this, what was recorded last comes from a clock that was wrong. */
const clockAheadMs = 5_000

export const good = (name: string, detail: string): Finding => ({ name, state: 'ok', detail })
export const warning = (name: string, detail: string, fix: string): Finding => ({ name, state: 'warning', detail, fix })
export const wrong = (name: string, detail: string, fix: string): Finding => ({ name, state: 'wrong', detail, fix })

/** Node promises what the store needs from here on. */
export function nodeVersion(version: string): Finding {
  const major = Number(version.split('.')[0])
  return major >= 24 ? good('node', version) : wrong('node', `${version}, but 24 is needed`, 'install Node 24 or newer')
}

/** Owner only: 0700 for directories, 0600 for files. */
export function modeOf(name: string, path: string, allowed: 0o700 | 0o600): Finding {
  const mode = statSync(path).mode & 0o777
  const text = `${path}, mode ${mode.toString(8).padStart(4, '0')}`
  if (process.platform === 'win32' || (mode & ~allowed) === 0) return good(name, text)
  return wrong(name, `${text}: others can get at it`, `chmod ${allowed.toString(8)} ${path}`)
}

export function keyFiles({ keyPath, signerStatePath, importKeyPath, adminKeyPath }: Places): Finding[] {
  const found: [string, string][] = [
    ['signing key', keyPath],
    ['signer state', signerStatePath],
    ['import key', importKeyPath],
    ['admin key', adminKeyPath],
  ]
  const findings = found.filter(([, path]) => existsSync(path)).map(([name, path]) => modeOf(name, path, 0o600))
  if (!existsSync(keyPath))
    findings.unshift(
      wrong(
        'signing key',
        `there is none at ${keyPath}`,
        'put it back from its safe place, or name its directory with --signer',
      ),
    )
  return findings
}

/** Who can write both can change the past and sign it. */
export function signerPlace({ data, signer, keyPath, database }: Places): Finding[] {
  if (!existsSync(keyPath) || absolute(data) !== absolute(signer) || database !== undefined) return []
  return [
    warning(
      'signer',
      `key and state lie beside the store: whoever can write ${data} can rewrite the past and sign it`,
      'move signer.key and signer.db to a directory that only the signer can read, and name it with --signer',
    ),
  ]
}

/** The state of the signer against the heads of the logs: the store has at least what was signed. */
export function signedAgainstHeads(
  states: readonly SignedState[] | undefined,
  heads: readonly LogHead[],
  accepted: number,
): Finding {
  if (states === undefined)
    return warning(
      'rollback',
      'no signer state here to compare with',
      'name the directory of signer.db with --signer, or use verify --since',
    )
  const byOrigin = new Map(heads.map((head) => [head.origin, head]))
  const behind = states.filter(({ origin, size }) => (byOrigin.get(origin)?.size ?? 0) < size)
  const enough = `${plural(states.length, 'log')} at least as large as signed`
  if (behind.length === 0 && accepted === 0) return good('rollback', enough)
  if (behind.length === 0)
    return warning(
      'rollback',
      `${enough}; an older copy was accepted ${accepted === 1 ? 'once' : `${accepted} times`}`,
      'auditproof verify says which logs, and how much is gone',
    )
  const { origin, size } = behind[0]!
  return wrong(
    'rollback',
    `${plural(behind.length, 'log')} smaller than signed: ${origin} has ${byOrigin.get(origin)?.size ?? 0} entries, ${size} were signed`,
    'this store is an older copy: bring back the newest (auditproof restore), then run auditproof verify',
  )
}

export function unpublished(heads: readonly LogHead[]): Finding {
  const waiting = heads.reduce((sum, { size, published }) => sum + size - (published?.size ?? 0), 0)
  if (waiting === 0)
    return good('checkpoints', `all entries of ${plural(heads.length, 'log')} under a signed checkpoint`)
  return warning(
    'checkpoints',
    `${plural(waiting, 'entry', 'entries')} not under a signed checkpoint yet`,
    'auditproof checkpoint publish',
  )
}

/** recordedAt never goes back within a log: a clock that is behind makes new events wait at the old time. */
export async function clock(store: Store, now: number): Promise<Finding> {
  const newest = (await store.heads()).reduce(
    (latest, { recordedAt }) => (recordedAt > latest ? recordedAt : latest),
    '',
  )
  if (newest === '') return good('clock', 'no event to compare with yet')
  const ahead = Date.parse(newest) - now
  if (ahead <= clockAheadMs) return good('clock', `${parseWhen('now', now)}, newest event ${newest}`)
  return wrong(
    'clock',
    `the newest event was recorded ${Math.round(ahead / 1000)} s ahead of this clock`,
    'check the clock of this machine and of those that record (NTP)',
  )
}

export async function freeSpace(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  if (free < freeBytesWrong) return wrong('disk', text, 'free some space: nothing can be recorded on a full disk')
  return free < freeBytesWarn ? warning('disk', text, 'free some space before it runs out') : good('disk', text)
}
