/**
 * Ed25519 of RFC 8032, verification only: by WebCrypto where it has the algorithm, else by @noble/curves.
 *
 * Node's crypto takes public keys for which one signature fits many messages. Keys are therefore looked at once, when
 * they come in, by `isGoodPublicKey`.
 */

const publicKeyBytes = 32
const signatureBytes = 64

type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>

let chosen: Promise<Verify> | undefined

/** Whether the signature is good. Input of the wrong length is not. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false
  chosen ??= chooseVerify()
  return (await chosen)(publicKey, message, signature)
}

async function chooseVerify(): Promise<Verify> {
  return (await webCryptoHasEd25519()) ? verifyByWebCrypto : verifyByNoble()
}

async function webCryptoHasEd25519(): Promise<boolean> {
  try {
    await importKey(basePoint)
    return true
  } catch {
    return false // No crypto.subtle (a page without TLS) or no Ed25519 in it.
  }
}

const verifyByWebCrypto: Verify = async (publicKey, message, signature) => {
  let key
  try {
    key = await importedKey(publicKey)
  } catch {
    return false // The algorithm is there, so it is this key that is not one.
  }
  return crypto.subtle.verify('Ed25519', key, unshared(signature), unshared(message))
}

async function verifyByNoble(): Promise<Verify> {
  const { ed25519 } = await import('@noble/curves/ed25519.js')
  return async (publicKey, message, signature) => ed25519.verify(signature, message, publicKey, { zip215: false })
}

const importKey = (publicKey: Uint8Array) =>
  crypto.subtle.importKey('raw', unshared(publicKey), 'Ed25519', false, ['verify'])

// One key signs all that is usually verified, and to import it takes as long as to verify.
let newest: { publicKey: Uint8Array; key: Promise<CryptoKey> } | undefined

function importedKey(publicKey: Uint8Array): Promise<CryptoKey> {
  if (newest === undefined || !newest.publicKey.every((byte, i) => byte === publicKey[i]))
    newest = { publicKey: publicKey.slice(), key: importKey(publicKey) }
  return newest.key
}

// WebCrypto takes no SharedArrayBuffer, and the types say so.
const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)

const basePoint = new Uint8Array(publicKeyBytes).fill(0x66)
basePoint[0] = 0x58

/** 32 bytes, canonical (y < 2^255 - 19) and not one of the eight points of low order. */
export function isGoodPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== publicKeyBytes) return false
  let y = 0n
  for (let i = publicKeyBytes - 1; i >= 0; i--) y = y * 256n + BigInt(publicKey[i]!)
  y %= 2n ** 255n // The highest bit is the sign of x.
  return y < fieldPrime && !lowOrder.includes(y)
}

const fieldPrime = 2n ** 255n - 19n
// y of the points of order 8; the other low orders are y = 1, -1 and 0.
const orderEight = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
const lowOrder = [0n, 1n, fieldPrime - 1n, orderEight, fieldPrime - orderEight]
