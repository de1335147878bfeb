import type { IncomingHttpHeaders } from 'node:http'
import { isHttps } from '../http/forwarded.js'

/**
 * Returns where a request comes from, as far as its browser says: from a page of this server, from anywhere else, or
 * unknown, as from a program. `publicUrl` is where browsers reach the servers; undefined when it is the Host header.
 */
export function originOf(headers: IncomingHttpHeaders, publicUrl: string | undefined): 'same' | 'other' | 'unknown' {
  const { 'sec-fetch-site': site, origin, host } = headers
  if (site !== undefined) return site === 'same-origin' ? 'same' : 'other'
  if (origin === undefined) return 'unknown'
  const own =
    publicUrl === undefined ? `${isHttps({ headers }) ? 'https' : 'http'}://${host}` : new URL(publicUrl).origin
  return origin === own ? 'same' : 'other'
}
