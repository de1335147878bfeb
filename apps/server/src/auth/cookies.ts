import type { IncomingHttpHeaders } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'
import { isHttps } from '../http/forwarded.js'
import { originOf } from './same-origin.js'

/** The cookies that this server sets: the session of a person, and what a sign-in at a provider needs to finish. */
type Name = 'mgx_session' | 'mgx_sign_in'

/** A browser takes a cookie with this prefix only from its own host over https. */
const SECURE_PREFIX = '__Host-'
const SESSION_TOKEN = /^mgx_ses_[\w-]+$/

const isSecureUrl = (url: string | undefined) => url?.startsWith('https:') ?? false

/** Whether the browser of a request reaches this server over https, so that only https may carry its cookies. */
export function isSecure(request: { headers: IncomingHttpHeaders }, publicUrl: string | undefined): boolean {
  return publicUrl === undefined ? isHttps(request) : isSecureUrl(publicUrl)
}

/**
 * Returns the session token in the cookie of a request, if the cookie counts: only in a request from a page of this server
 * itself. Returns an empty text, which no credential matches, when there are two such cookies or it holds something else.
 */
export function countingSession(headers: IncomingHttpHeaders, publicUrl: string | undefined): string | undefined {
  if (headers.cookie === undefined || originOf(headers, publicUrl) !== 'same') return undefined
  return sessionIn(headers, publicUrl)
}

/** Returns the session token in the cookie of a request, wherever the request comes from. */
export function sessionIn(headers: IncomingHttpHeaders, publicUrl: string | undefined): string | undefined {
  const value = cookieIn(headers, 'mgx_session', publicUrl)
  return value === undefined || SESSION_TOKEN.test(value) ? value : ''
}

/** Returns the value of a cookie of ours; an empty text when there are two of its name. */
export function cookieIn(headers: IncomingHttpHeaders, name: Name, publicUrl: string | undefined): string | undefined {
  const { cookie } = headers
  if (cookie === undefined) return undefined
  const values = parseCookie(cookie)
  const names = isSecure({ headers }, publicUrl) ? [SECURE_PREFIX + name] : [SECURE_PREFIX + name, name]
  const found = names.find((each) => values[each] !== undefined)
  if (found === undefined) return undefined
  const isRepeated = cookie.split(';').filter((each) => each.split('=')[0]?.trim() === found).length > 1
  return isRepeated ? '' : values[found]
}

/** Returns the `Set-Cookie` header of the session cookie, which a browser keeps until it is closed. */
export function sessionCookie(token: string, secure: boolean): string {
  return cookieOf('mgx_session', token, { secure, sameSite: 'strict' })
}

/** Returns the `Set-Cookie` header for a sign-in; `lax`, because the provider sends the browser back from another site. */
export function signInCookie(sealed: string, secure: boolean, maxAgeSeconds: number): string {
  return cookieOf('mgx_sign_in', sealed, { secure, sameSite: 'lax', maxAge: maxAgeSeconds })
}

/** Returns the `Set-Cookie` header that deletes a cookie. */
export function deletedCookie(name: Name, secure: boolean): string {
  return cookieOf(name, '', { secure, sameSite: name === 'mgx_session' ? 'strict' : 'lax', maxAge: 0 })
}

type Attributes = { secure: boolean; sameSite: 'strict' | 'lax'; maxAge?: number }

function cookieOf(name: Name, value: string, attributes: Attributes): string {
  const prefix = attributes.secure ? SECURE_PREFIX : ''
  return stringifySetCookie(prefix + name, value, { httpOnly: true, path: '/', ...attributes })
}
