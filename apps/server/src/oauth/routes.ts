import { credentialName, type Services } from '@mgx/api'
import { ApiKeyScope, type Reason, reasons } from '@mgx/contract'
import { domainErrorOf } from '@mgx/db'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Refusal, readTokenRequest } from './token-request.js'

const TOKEN_PATH = '/oauth/token'
const KEYS_PATH = '/.well-known/jwks.json'
const METADATA_PATH = '/.well-known/oauth-authorization-server'
const MAX_FORM_BYTES = 16 * 1024
const PUBLIC = 'public, max-age=60'

/**
 * Adds OAuth 2 for services: an API key is exchanged for a short-lived access token (client credentials, RFC 6749). Beside
 * it, the metadata (RFC 8414) and the public keys (RFC 7517) with which anybody can verify a token.
 */
export function oauthRoutes(http: FastifyInstance, services: Services): void {
  const { issuer, signingKeys } = services.credentials
  const metadata = {
    issuer,
    token_endpoint: `${issuer}${TOKEN_PATH}`,
    jwks_uri: `${issuer}${KEYS_PATH}`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: ApiKeyScope.options,
  }
  http.get(METADATA_PATH, async (_request, reply) => reply.header('cache-control', PUBLIC).send(metadata))
  http.get(KEYS_PATH, async (_request, reply) => {
    const keys = await signingKeys.published()
    return reply.header('cache-control', PUBLIC).send({ keys })
  })
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    const options = { parseAs: 'buffer', bodyLimit: MAX_FORM_BYTES } as const
    const asBytes = async (_request: unknown, body: Buffer) => body
    scope.addContentTypeParser('application/x-www-form-urlencoded', options, asBytes)
    scope.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
      fail(services, error, request, reply),
    )
    scope.post(TOKEN_PATH, (request, reply) => answer(services, request, reply))
    const others = scope.supportedMethods.filter((method) => method !== 'POST')
    const refuseMethod = (_request: FastifyRequest, reply: FastifyReply): void => {
      reply.header('allow', 'POST')
      refuse(reply, 405, { error: 'invalid_request', description: 'this path takes POST' })
    }
    scope.route({ method: others, url: TOKEN_PATH, onRequest: refuseMethod, handler: refuseMethod })
  })
}

async function answer(services: Services, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { credentials, callLimit } = services
  const { id: requestId, ip: address, headers } = request
  const asked = readTokenRequest(headers.authorization, request.body)
  if ('error' in asked) return refuse(reply, 400, asked)
  const { id: clientId, secret: clientSecret } = asked.client ?? { id: '', secret: '' }
  const caller = await credentials.authenticateClient({ clientId, clientSecret, address })
  const limits: Record<string, string> = {}
  // In braces, because a reply is a promise of its own end.
  await callLimit.count(caller, limits)?.finally(() => {
    reply.headers(limits)
  })
  const { userId, credential } = caller
  const requester = { actor: `user:${userId}`, credential: credentialName(credential), requestId, address }
  const issued = await credentials.issueToken(caller, asked, requester)
  if ('error' in issued) return refuse(reply, 400, issued)
  const { token, expiresIn, scope } = issued
  return reply.send({ access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope })
}

type OAuthError = Omit<Refusal, 'error'> & { readonly error: string }

function refuse(reply: FastifyReply, status: number, { error, description }: OAuthError): FastifyReply {
  reply.request.refusal = reasonOfStatus(status)
  return reply.code(status).send({ error, error_description: description })
}

/** Returns our own word for a refusal, for the log. */
function reasonOfStatus(status: number): Reason | undefined {
  return (Object.keys(reasons) as Reason[]).find((reason) => reasons[reason].httpStatus === status)
}

/** Responds to a failure in the words of RFC 6749, which has none for limits and outages: `temporarily_unavailable`. */
function fail(
  services: Services,
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode = 500 } = error
  const refusal = domainErrorOf(services.db, error)
  if (refusal?.reason === 'unauthenticated') {
    reply.header('www-authenticate', 'Basic realm="mgx"')
    return refuse(reply, 401, {
      error: 'invalid_client',
      description: 'client_id and client_secret must be those of a valid API key',
    })
  }
  if (refusal?.reason === 'rate_limited') services.observer.rateLimited()
  if (refusal?.reason === 'rate_limited' || refusal?.reason === 'unavailable') {
    const { retryAfterSeconds } = refusal.details ?? {}
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    const { httpStatus } = reasons[refusal.reason]
    return refuse(reply, httpStatus, { error: 'temporarily_unavailable', description: refusal.message })
  }
  if (statusCode >= 400 && statusCode < 500) {
    const hint = 'the request must be a form of at most 16 KiB: Content-Type: application/x-www-form-urlencoded'
    return refuse(reply, statusCode === 413 ? 413 : 400, { error: 'invalid_request', description: hint })
  }
  services.logInternal(error, request.id)
  return refuse(reply, 500, { error: 'server_error', description: 'internal error: the log has the details' })
}
