import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddr from '@fastify/proxy-addr'

/** Returns whether a network address belongs to a proxy whose `X-Forwarded-…` headers are believed. */
export type Trusts = (address: string, hop: number) => boolean

type Forwarded = Pick<IncomingMessage, 'headers'> & { socket: Pick<IncomingMessage['socket'], 'remoteAddress'> }

/**
 * Returns which addresses are trusted: single ones, ranges such as `10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`.
 * @throws TypeError when one is none of these.
 */
export function trustsOf(proxies: readonly string[]): Trusts {
  return proxies.length === 0 ? () => false : proxyAddr.compile([...proxies])
}

/**
 * Removes the `X-Forwarded-…` headers of a request that no trusted proxy sent, so that nothing behind can believe them.
 * From a trusted one it keeps the addresses after the last entry that is no address, without their ports.
 */
export function dropUntrusted({ headers, socket }: Forwarded, trusts: Trusts): void {
  const { 'x-forwarded-for': chain } = headers
  if (!trusts(socket.remoteAddress ?? '', 0)) {
    for (const name in headers) if (name.startsWith('x-forwarded-')) delete headers[name]
  } else if (typeof chain === 'string') {
    const addresses = chain.split(',').map(addressIn)
    headers['x-forwarded-for'] = addresses.slice(addresses.lastIndexOf(undefined) + 1).join(', ')
  }
}

/** Returns the caller's network address: the nearest one that is not a trusted proxy. Needs `dropUntrusted` first. */
export function addressOf(request: IncomingMessage, trusts: Trusts): string {
  const { headers, socket } = request
  return (headers['x-forwarded-for'] ? proxyAddr(request, trusts) : socket.remoteAddress) ?? ''
}

/** Returns whether the caller used https, as the nearest proxy tells. Needs `dropUntrusted` first. */
export function isHttps({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { 'x-forwarded-proto': protocols = '' } = headers
  return [protocols].flat().join().split(',').at(-1)?.trim().toLowerCase() === 'https'
}

/** Some proxies add the caller's port, which changes with every connection. */
function addressIn(entry: string): string | undefined {
  const [, v6, v4] = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry.trim()) ?? []
  const address = v6 ?? v4 ?? entry.trim()
  return isIP(address) === 0 ? undefined : address
}
