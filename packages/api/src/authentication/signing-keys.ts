import { createSigningKey, listSigningKeys, resealSigningKey, type SigningKey } from '@mgx/db'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose'
import type { CredentialParts } from './credential-parts.js'
import { seal, unseal } from './seal.js'

export const SIGNING_ALGORITHM = 'ES256'

/** The keys of our access tokens, which all servers of a database share. */
export type SigningKeys = {
  /** Makes sure that there is a key to sign with, sealed with the current secret. */
  prepare(): Promise<void>
  /** Returns the newest key that this server can sign with; creates one if there is none. */
  signer(): Promise<{ keyId: string; privateKey: CryptoKey }>
  /** Returns the public keys whose tokens may be valid. */
  published(): Promise<readonly JWK[]>
  /** Returns the published keys for jose. Reads them again if there is none with this `kid`. */
  verifiers(keyId: string): Promise<JWTVerifyGetKey>
}

/** How long servers may not notice that a key was retired. */
const FRESH_MILLISECONDS = 3_000
/** Tokens with unknown keys cause no more than so few reads. */
const REST_MILLISECONDS = 250

type Known = { readonly keys: readonly SigningKey[]; readonly verify: JWTVerifyGetKey; readonly at: number }

export function createSigningKeys({ db, secrets, now }: CredentialParts): SigningKeys {
  /** The private keys that this server has opened, by key id. */
  const opened = new Map<string, CryptoKey>()
  let known: Known | undefined
  let reading: Promise<Known> | undefined

  /** Returns the keys as they were read at most so long ago. */
  function keysWithin(milliseconds: number): Promise<Known> {
    if (known && now() - known.at < milliseconds) return Promise.resolve(known)
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function read(): Promise<Known> {
    const at = now()
    const keys = await listSigningKeys(db)
    for (const keyId of opened.keys()) if (!keys.some((key) => key.keyId === keyId)) opened.delete(keyId)
    known = { keys, verify: createLocalJWKSet({ keys: keys.map(publicJwk) }), at }
    return known
  }

  async function privateKeyOf({ id, keyId, sealedKey }: SigningKey): Promise<CryptoKey | undefined> {
    const before = opened.get(keyId)
    if (before || sealedKey === null) return before
    const { current, previous } = secrets
    let jwk = unseal(current, keyId, sealedKey)
    if (jwk === undefined && previous !== undefined) {
      jwk = unseal(previous, keyId, sealedKey)
      if (jwk !== undefined) await resealSigningKey(db, id, seal(current, keyId, jwk))
    }
    if (jwk === undefined) return undefined
    const key = (await importJWK(JSON.parse(jwk), SIGNING_ALGORITHM)) as CryptoKey
    opened.set(keyId, key)
    return key
  }

  async function signer(milliseconds: number): Promise<{ keyId: string; privateKey: CryptoKey }> {
    const { keys } = await keysWithin(milliseconds)
    const current = keys.filter(({ retiredAt }) => retiredAt === null)
    for (const key of current) {
      const privateKey = await privateKeyOf(key)
      if (privateKey) return { keyId: key.keyId, privateKey }
    }
    // Another server may create one at the same moment; then that is the key.
    await createSigningKey(
      db,
      await newKey(secrets.current),
      current.map(({ id }) => id),
    )
    return signer(0)
  }

  return {
    async prepare() {
      await signer(0)
    },
    signer: () => signer(FRESH_MILLISECONDS),
    published: async () => (await keysWithin(FRESH_MILLISECONDS)).keys.map(publicJwk),
    async verifiers(keyId) {
      const isKnown = ({ keys }: Known) => keys.some((key) => key.keyId === keyId)
      const found = await keysWithin(FRESH_MILLISECONDS)
      return (isKnown(found) ? found : await keysWithin(REST_MILLISECONDS)).verify
    },
  }
}

const publicJwk = ({ publicKey }: SigningKey): JWK => JSON.parse(publicKey)

async function newKey(secret: string) {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const keyId = await calculateJwkThumbprint(jwk)
  return {
    keyId,
    publicKey: JSON.stringify({ ...jwk, kid: keyId, alg: SIGNING_ALGORITHM, use: 'sig' }),
    sealedKey: seal(secret, keyId, JSON.stringify(await exportJWK(privateKey))),
  }
}
