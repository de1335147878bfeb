import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** An OpenID issuer with nothing but discovery and keys, which counts what it is asked and can be down. */
export type SmallIssuer = {
  readonly issuer: string
  /** How often the keys were fetched. */
  fetches(): number
  /** While true, every request fails. */
  setDown(isDown: boolean): void
  /** Signs with the newest key. Claims that are undefined are left out; `header` replaces fields of the header. */
  sign(claims?: object, header?: object): Promise<string>
  /** Adds a key, with which it signs from then on; replaces the others if `isOnly`. */
  addKey(algorithm?: string, isOnly?: boolean): Promise<void>
  /** The public keys. */
  keys(): readonly JWK[]
  close(): Promise<void>
}

export const AUDIENCE = 'https://mgx.example'

export async function startSmallIssuer(): Promise<SmallIssuer> {
  let fetches = 0
  let isDown = false
  let published: JWK[] = []
  let signer: { kid: string; alg: string; key: CryptoKey } | undefined
  const server = createServer((request, response) => {
    const isForKeys = request.url === '/keys'
    if (isForKeys) fetches += 1
    const document = isForKeys ? { keys: published } : { issuer, jwks_uri: `${issuer}/keys` }
    response.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function addKey(alg = 'RS256', isOnly = false): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    const kid = `key-${alg}-${published.length + fetches}-${Math.random()}`
    published = [...(isOnly ? [] : published), { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }]
    signer = { kid, alg, key: privateKey }
  }
  await addKey()

  return {
    issuer,
    fetches: () => fetches,
    setDown(down) {
      isDown = down
    },
    async sign(claims = {}, header = {}) {
      if (!signer) throw new Error('there is no key')
      const now = Math.floor(Date.now() / 1_000)
      const all = { iss: issuer, aud: AUDIENCE, sub: 'ada', iat: now, exp: now + 300, ...claims }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      const { kid, alg, key } = signer
      return new SignJWT(given).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(key)
    },
    addKey,
    keys: () => published,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
