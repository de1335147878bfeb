import { isUtf8 } from 'node:buffer'

/** What a client sends to the token endpoint. `client` is undefined when its credentials cannot be read. */
export type TokenRequest = {
  readonly client: { readonly id: string; readonly secret: string } | undefined
  readonly scope: string | undefined
  readonly projectId: number | undefined
}

/** Why a request is refused before its client is authenticated: an error code of RFC 6749 and a description. */
export type Refusal = { readonly error: 'invalid_request' | 'unsupported_grant_type'; readonly description: string }

/**
 * Reads a request of RFC 6749: form-encoded, with the client's credentials in `Authorization: Basic` or in the body, but
 * not in both. A parameter without a value counts as omitted.
 */
export function readTokenRequest(authorization: string | undefined, body: unknown): TokenRequest | Refusal {
  if (!Buffer.isBuffer(body) || !isUtf8(body))
    return invalid('the body must be form-encoded: Content-Type: application/x-www-form-urlencoded')
  const parameters = [...new URLSearchParams(body.toString())].filter(([, value]) => value !== '')
  const form = new Map(parameters)
  if (form.size < parameters.length) return invalid('a parameter is there more than once')
  if (!form.has('grant_type')) return invalid('grant_type is missing')
  if (form.get('grant_type') !== 'client_credentials')
    return { error: 'unsupported_grant_type', description: 'grant_type must be client_credentials' }
  const isPosted = form.has('client_secret')
  if (authorization !== undefined && isPosted)
    return invalid('the client has two credentials, in a header and in the body')
  const project = form.get('project_id')
  if (project !== undefined && !/^[1-9]\d{0,14}$/.test(project))
    return invalid('project_id must be the id of a project')
  const posted = { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const client = authorization === undefined ? (isPosted ? posted : undefined) : basicClient(authorization)
  if (client && form.has('client_id') && posted.id !== client.id) return invalid('client_id names another client')
  return { client, scope: form.get('scope'), projectId: project === undefined ? undefined : Number(project) }
}

const invalid = (description: string): Refusal => ({ error: 'invalid_request', description })

/** Reads credentials that are form-encoded, joined by a colon and base64-encoded, as RFC 6749 has it. */
function basicClient(authorization: string): TokenRequest['client'] {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1] ?? ''
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  try {
    return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) }
  } catch {
    return undefined
  }
}

/** @throws URIError for a text that is not form-encoded. */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
