import type { Services } from '@mgx/api'
import { DomainError, invalidField } from '@mgx/contract'
import { readClock } from '@mgx/db'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refusingAsJson, requestOf } from './auth-requests.js'
import {
  cookieIn,
  countingSession,
  deletedCookie,
  isSecure,
  sessionCookie,
  sessionIn,
  signInCookie,
} from './cookies.js'
import { createOidcClient, isProviderFailure, type OidcClient, type OidcRegistration } from './oidc-client.js'

const CALLBACK = '/auth/oidc/callback'
const TEN_MINUTES_SECONDS = 600
const START_AGAIN = 'start again at /auth/oidc'

/**
 * Adds `GET /auth/oidc`, which sends a browser to the provider, and `GET /auth/oidc/callback`, where the provider sends it
 * back and a session begins. What connects the two is sealed in a cookie, so that only the browser that began a sign-in can
 * finish it, at any server of the database.
 */
export function oidcRoutes(
  http: FastifyInstance,
  services: Services,
  registration: OidcRegistration | undefined,
): void {
  const { publicUrl } = services
  const { signIn, signInStates } = services.credentials
  const client = registration && createOidcClient(registration, () => readClock(services.db))

  async function answerBegin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const provider = required(client)
    const returnTo = readReturnTo(request)
    const secure = isSecure(request, publicUrl)
    const base = (publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/*$/, CALLBACK)
    if (!URL.canParse(base) || request.host.includes('@')) throw invalidField('Host', 'is not well formed')
    const redirectUri = new URL(base).href
    const { state, url } = await atProvider(request, () => provider.begin(redirectUri))
    const replaced = countingSession(request.headers, publicUrl) || undefined
    const sealed = await signInStates.seal({ ...state, redirectUri, returnTo, replaced })
    return reply.header('set-cookie', signInCookie(sealed, secure, TEN_MINUTES_SECONDS)).redirect(url.href, 303)
  }

  async function answerCallback(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const secure = isSecure(request, publicUrl)
    const forgotten = deletedCookie('mgx_sign_in', secure)
    reply.header('set-cookie', forgotten)
    const provider = required(client)
    const sealed = cookieIn(request.headers, 'mgx_sign_in', publicUrl)
    const state = sealed ? await signInStates.open(sealed) : undefined
    if (!state) throw refused(`the sign-in has expired, or began in another browser: ${START_AGAIN}`)
    const address = new URL(state.redirectUri)
    address.search = new URL(request.url, address).search
    // Wrong codes and unknown accounts count as wrong credentials do.
    const { token } = await services.credentials.attempt(request.ip, async () => {
      const claims = await atProvider(request, () => provider.finish(address, state))
      return signIn.withIdentity(claims, requestOf(request)).catch((error: unknown) => {
        const isUnknown = error instanceof DomainError && error.reason === 'unauthenticated'
        throw isUnknown ? refused('this account is not linked to an active user: an admin can link it') : error
      })
    })
    // The provider's redirect does not carry the session cookie, so the state names the session that this one replaces.
    for (const earlier of new Set([state.replaced, sessionIn(request.headers, publicUrl)]))
      if (earlier) await signIn.end(earlier, requestOf(request))
    reply.removeHeader('set-cookie').header('set-cookie', [forgotten, sessionCookie(token, secure)])
    return reply.redirect(state.returnTo, 303)
  }

  http.get('/auth/oidc', refusingAsJson(services, answerBegin))
  http.get(CALLBACK, refusingAsJson(services, answerCallback))
}

function required(client: OidcClient | undefined): OidcClient {
  if (client) return client
  throw new DomainError('not_found', 'sign-in with OpenID Connect is not configured: see MGX_OIDC_CLIENT_ID')
}

const refused = (message: string) => new DomainError('unauthenticated', message)

/**
 * Runs one step of the sign-in at the provider. Its errors are logged without what they carry, which may be secret, and
 * callers learn only whether to try again.
 */
async function atProvider<Result>(request: FastifyRequest, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof DomainError) throw error
    const { name, message, code, error: answer } = error as Error & { code?: string; error?: string }
    request.log.warn({ name, message, code, answer }, 'a sign-in at the OpenID provider failed')
    if (isProviderFailure(error)) throw new DomainError('unavailable', 'the OpenID provider cannot be reached now')
    throw refused(`the OpenID provider did not confirm the sign-in: ${START_AGAIN}`)
  }
}

/** A path on this server as browsers read it: `//host`, `/\host` and ones with control characters lead elsewhere. */
const OWN_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/

function readReturnTo({ query }: FastifyRequest): string {
  const { return_to: path = '/' } = query as { return_to?: unknown }
  if (typeof path === 'string' && OWN_PATH.test(path)) return path
  throw invalidField('return_to', 'must be a path on this server, such as /projects')
}
