/** Opening what an audit needs: the store, and the keys that belong to it. */
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AuditError } from './errors.ts'
import { sameHash } from './log/index.ts'
import { fileSigner } from './sequencer/file-signer.ts'
import { openSecret } from './sequencer/key-file.ts'
import { memorySigner } from './sequencer/memory-signer.ts'
import { rolledBack } from './sequencer/publisher.ts'
import type { Signer } from './sequencer/signer.ts'
import { isStoreSource, storeAt, type StoreSource } from './store/source.ts'
import { makeDirectory } from './store/sqlite/directory.ts'
import { sqliteSource } from './store/sqlite/source.ts'
import type { Store } from './store/store.ts'

export interface OpeningOptions {
  /** Directory of store and keys. */
  data: string
  /** `data` was not named, so that a store of one's own stands alone. */
  isDefaultData: boolean
  store: Store | StoreSource | string | undefined
  signer: Signer | string | false | undefined
  origin: string | undefined
  onTrouble: (part: string, trouble: AuditError | undefined) => void
}

export const storeFile = 'audit.db'
export const importKeyFile = 'import.key'

export class Opening {
  readonly #options: OpeningOptions
  #source: StoreSource | undefined

  constructor(options: OpeningOptions) {
    this.#options = options
  }

  /** @returns the signer undefined where another process signs */
  async open(): Promise<{ store: Store; signer: Signer | undefined }> {
    const { store: given, signer: givenSigner } = this.#options
    const isGiven = typeof given === 'object' && !isStoreSource(given)
    const isThere = isGiven || (await (await this.#sourceOf(given)).exists())
    const signer = await this.#openSigner(isThere)
    let store: Store | undefined
    try {
      if (signer !== undefined) this.#checkOrigin(signer)
      store = isGiven ? given : await this.#openStore(isThere, signer)
      if (signer !== undefined && store.name !== signer.name)
        throw new AuditError('key_mismatch', `The key is that of ${signer.name}, the store is ${store.name}.`, {
          hint: 'name the directory of the right key with --signer',
        })
      if (signer !== undefined) await refuseOlderCopy(store, signer)
      return { store, signer }
    } catch (error) {
      // What was given stays open: it is needed when opening is tried again.
      if (signer !== givenSigner) await signer?.close()
      if (store !== given) await store?.close()
      throw error
    }
  }

  /** Cursors outlive a process, as the key does; those of a store that stands alone end with it. */
  cursorKey(): Uint8Array {
    const { store } = this.#options
    const isGiven = typeof store === 'object' && !isStoreSource(store)
    return isGiven ? randomBytes(32) : cursorKeyOf(this.idKey())
  }

  /** For ids that are made from texts: the same text gives the same id in this store. */
  idKey(): Uint8Array {
    const { data, store, isDefaultData, signer } = this.#options
    if (typeof store === 'object' && !isStoreSource(store) && isDefaultData) return randomBytes(32)
    const path = join(data, importKeyFile)
    // Whoever records where another signs may have no key of the store: then his ids are his own.
    if (signer === false && !existsSync(path)) return randomBytes(32)
    try {
      // Made with the store and never again: ids derived from another key would no longer be found.
      const mayMake = store === undefined && !existsSync(join(data, storeFile))
      return openSecret(path, mayMake ? 'make' : 'refuse')
    } catch (error) {
      throw error instanceof AuditError ? error : unusable(data, error)
    }
  }

  async #sourceOf(given: Store | StoreSource | string | undefined): Promise<StoreSource> {
    this.#source ??=
      typeof given === 'string'
        ? await storeAt(given)
        : given === undefined
          ? sqliteSource(join(this.#options.data, storeFile))
          : (given as StoreSource)
    return this.#source
  }

  async #openStore(isThere: boolean, signer: Signer | undefined): Promise<Store> {
    const { data, store: given, onTrouble } = this.#options
    if (signer === undefined && !isThere)
      throw new AuditError('key_missing', 'There is no store yet, and this process has no key to make one for.', {
        hint: 'start the process that signs first',
      })
    const source = await this.#sourceOf(given)
    if (!isThere) {
      makeDirectory(data)
      openSecret(join(data, importKeyFile), 'make')
    } else if (signer !== undefined) this.idKey() // which must be there
    return source.open(signer?.name ?? '', onTrouble)
  }

  /** The key has the name of the store. One that is there keeps it: events must not go where nobody meant them to. */
  #checkOrigin({ name }: Signer): void {
    const { origin, data } = this.#options
    if (origin !== undefined && origin !== name)
      throw new AuditError('usage', `The store in ${this.#source?.place ?? data} is named ${name}, not ${origin}.`, {
        hint: 'leave origin out: a store keeps its name',
      })
  }

  async #openSigner(isThere: boolean): Promise<Signer | undefined> {
    const { signer, store, origin, data, isDefaultData, onTrouble } = this.#options
    if (signer === false) return undefined
    if (typeof signer === 'object') return signer
    const given = typeof store === 'object' && !isStoreSource(store) ? store : undefined
    if (given !== undefined && signer === undefined && isDefaultData) return memorySigner(given.name)
    const directory = resolve(signer ?? data)
    makeDirectory(directory)
    // A store that is there has a key; a new one in its place could sign nothing that anybody trusts.
    const newName = isThere ? given?.name : (origin ?? `auditproof-${randomBytes(8).toString('hex')}`)
    return fileSigner(directory, newName, onTrouble)
  }
}

export const cursorKeyOf = (importKey: Uint8Array): Uint8Array =>
  createHmac('sha256', importKey).update('auditproof cursors').digest()

/**
 * The signer remembers how large each log was. A store with less is an older copy: appending to it would fork history.
 * @throws AuditError `store_rolled_back`
 */
async function refuseOlderCopy(store: Store, signer: Signer): Promise<void> {
  // The states first: another process may append and sign in between, and then the store has more, never less.
  const states = await signer.states()
  const heads = new Map((await store.heads()).map((head) => [head.origin, head]))
  for (const { origin, size, root } of states) {
    const found = heads.get(origin)
    if (found?.size === size && !sameHash(found.root, root))
      throw new AuditError('store_corrupt', `Refusing to append: the log ${origin} has another root than was signed.`, {
        hint: 'run auditproof verify',
      })
    if ((found?.size ?? 0) < size)
      throw new AuditError('store_rolled_back', `Refusing to append: ${rolledBack(origin, found?.size ?? 0, size)}.`, {
        hint: 'bring back the newest copy of the store; where there is none, auditproof restore --accept-rollback says what that means',
      })
  }
}

export const unusable = (data: string, cause: unknown): AuditError =>
  new AuditError(
    'store_unavailable',
    `The data directory ${data} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      hint: 'check that it is a directory, that this user may write there, and that there is space',
      cause,
    },
  )
