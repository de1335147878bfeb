import { clearTimeout, setTimeout } from 'node:timers'
import { DomainError } from '@mgx/contract'
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'

/** The public keys of another issuer: found by discovery, fetched when they are needed, and kept. */
export type IssuerKeys = {
  /**
   * Verifies a token with the known keys and, when none of them signed it, with the issuer's present ones. The issuer is
   * asked at most twice within 30 seconds, whatever tokens come.
   * @throws DomainError `unavailable` when the key is not known and the issuer cannot be asked; JOSEError for a token that
   *   is not valid.
   */
  verify(token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult>
}

/** Between two fetches; the second applies when the first has failed. */
const REST_MILLISECONDS = { fetched: 30_000, failed: 16_000 }
/** After that, keys are read again in the background, so that those which the issuer has withdrawn end. */
const FRESH_MILLISECONDS = 300_000
/** Keys that the issuer has not confirmed for a day do not count. */
const TRUSTED_MILLISECONDS = 24 * 3_600_000
/** Less than the time limit of a call. */
const FETCH_MILLISECONDS = 5_000
const MAX_TRIED_KEYS = 10
const MAX_DOCUMENT_BYTES = 256 * 1024

/** `now` is a monotonic clock, in milliseconds. */
export function createIssuerKeys(issuer: string, now: () => number): IssuerKeys {
  let known: { keys: JWTVerifyGetKey; at: number } | undefined
  let last: { at: number; failure: unknown } | undefined
  let fetching: Promise<void> | undefined

  const usable = () => (known && now() - known.at < TRUSTED_MILLISECONDS ? known.keys : undefined)

  /** Fetches the keys, unless that was done a moment ago. Resolves also when the issuer does not respond. */
  function refresh(): Promise<void> {
    if (fetching) return fetching
    const rest = last?.failure === undefined ? REST_MILLISECONDS.fetched : REST_MILLISECONDS.failed
    if (last && now() - last.at < rest) return Promise.resolve()
    const fetched = { at: now(), failure: undefined as unknown }
    last = fetched
    fetching = fetchKeys(issuer)
      .then((keys) => {
        known = { keys: createLocalJWKSet(keys), at: now() }
      })
      .catch((error: unknown) => {
        fetched.failure = error
      })
      .finally(() => {
        fetching = undefined
      })
    return fetching
  }

  return {
    async verify(token, options) {
      if (!usable()) await refresh()
      else if (known && now() - known.at > FRESH_MILLISECONDS) void refresh()
      const keys = usable()
      if (!keys) throw unavailable(last?.failure)
      try {
        return await verifyWith(keys, token, options)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        await refresh()
        const present = usable()
        if (present && present !== keys) return verifyWith(present, token, options)
        // The key may be one that the issuer has added since.
        throw last?.failure === undefined ? error : unavailable(last.failure)
      }
    },
  }
}

/** @throws JWKSNoMatchingKey when none of the keys signed the token. */
async function verifyWith(keys: JWTVerifyGetKey, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options)
  } catch (error) {
    // Without a `kid` it cannot be told which key a token means.
    const isNamed = decodeProtectedHeader(token).kid !== undefined
    if (error instanceof errors.JWSSignatureVerificationFailed && !isNamed) throw new errors.JWKSNoMatchingKey()
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    let tried = 0
    for await (const key of error) {
      tried += 1
      if (tried > MAX_TRIED_KEYS) break
      try {
        return await jwtVerify(token, key, options)
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
      }
    }
    throw new errors.JWKSNoMatchingKey()
  }
}

const unavailable = (cause: unknown) =>
  new DomainError('unavailable', "the keys of the token's issuer cannot be read now", undefined, { cause })

type Discovered = { issuer?: unknown; jwks_uri?: unknown }

/** Fetches the keys of an issuer. @throws Error when a document is missing, too large, slow or not what it should be. */
async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new Error('the issuer did not respond in time')), FETCH_MILLISECONDS)
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const { issuer: named, jwks_uri: place } = (await fetchJson(address, stop.signal)) as Discovered
    if (named !== issuer) throw new Error('the discovery document is of another issuer')
    if (typeof place !== 'string' || !isSafeAddress(place)) throw new Error('the issuer names no safe jwks_uri')
    return (await fetchJson(place, stop.signal)) as JSONWebKeySet
  } finally {
    clearTimeout(timer)
  }
}

async function fetchJson(address: string, signal: AbortSignal): Promise<object> {
  const response = await fetch(address, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (!response.ok || !response.body) throw new Error(`${address} responded with ${response.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.length
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`${address} is too large`)
    chunks.push(chunk)
  }
  return Object(JSON.parse(Buffer.concat(chunks).toString()))
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Whether nobody on the way can change what an address responds with: https, or this machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}
