import type { IdentityClaims, SignInState } from '@mgx/api'
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  clockSkew,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'

/** How this server is registered at the provider with which people sign in. */
export type OidcRegistration = {
  readonly issuer: string
  /** The client id. */
  readonly id: string
  /** The client secret; undefined for a public client. */
  readonly secret: string | undefined
}

/** A sign-in that has begun: what to remember, and where to send the browser. */
type Begun = { state: Pick<SignInState, 'state' | 'nonce' | 'codeVerifier'>; url: URL }

export type OidcClient = {
  begin(redirectUri: string): Promise<Begun>
  /** Exchanges the code in the address to which the provider sent the browser, and returns the verified claims. */
  finish(address: URL, state: SignInState): Promise<IdentityClaims>
}

const PROVIDER_TIMEOUT_SECONDS = 5
/** A provider that cannot be discovered is asked again after this, however many sign-ins begin. */
const REDISCOVERY_SECONDS = 2
/** When the clock of this process has moved by more against the database's, the provider is discovered again. */
const CLOCK_STEP_SECONDS = 10

/**
 * Creates the client of an OpenID provider: code flow with PKCE, state and nonce. It is discovered on the first use. ID tokens
 * are valid by the time that `readClock` returns, whatever the clock of this process says.
 */
export function createOidcClient(
  { issuer, id, secret }: OidcRegistration,
  readClock: () => Promise<string>,
): OidcClient {
  let discovered: Promise<Configuration> | undefined
  /** How many seconds the clock of this process was behind at the discovery. */
  let behind = 0
  const provider = async () => {
    const behindNow = Math.round((Date.parse(await readClock()) - Date.now()) / 1_000)
    if (Math.abs(behindNow - behind) > CLOCK_STEP_SECONDS) discovered = undefined
    const authentication = secret === undefined ? None() : ClientSecretBasic(secret)
    // The signature of the ID token is verified, although it comes from the provider itself.
    const execute = [enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])]
    const options = { execute, timeout: PROVIDER_TIMEOUT_SECONDS }
    if (discovered) return discovered
    behind = behindNow
    const metadata = { ...(secret !== undefined && { client_secret: secret }), [clockSkew]: behind }
    discovered = discovery(new URL(issuer), id, metadata, authentication, options).catch((error) => {
      setTimeout(() => (discovered = undefined), REDISCOVERY_SECONDS * 1_000).unref()
      throw error
    })
    return discovered
  }

  return {
    async begin(redirectUri) {
      const state = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() }
      const url = buildAuthorizationUrl(await provider(), {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state: state.state,
        nonce: state.nonce,
        code_challenge: await calculatePKCECodeChallenge(state.codeVerifier),
        code_challenge_method: 'S256',
      })
      return { state, url }
    },

    async finish(address, { state, nonce, codeVerifier }) {
      const configuration = await provider()
      const tokens = await authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
      })
      const claims = tokens.claims()
      if (!claims) throw new Error('the provider sent no ID token')
      // Providers may put the name, the address and groups of a person there instead of into the ID token.
      const more = configuration.serverMetadata().userinfo_endpoint
        ? await fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : {}
      return { ...more, ...claims }
    },
  }
}

/** Whether a sign-in failed because the provider, or the way to it, does not work; otherwise the sign-in was refused. */
export function isProviderFailure(error: unknown): boolean {
  if (error instanceof AuthorizationResponseError) return error.error === 'server_error'
  if (error instanceof ResponseBodyError) return error.status >= 500 || error.error === 'invalid_client'
  const { code } = error as { code?: string }
  return code === undefined || UNREACHABLE.has(code)
}

const UNREACHABLE = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'])
