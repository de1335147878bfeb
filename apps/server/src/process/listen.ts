import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import type { Config } from '../config.js'
import { StartupError } from './startup-error.js'

/**
 * Starts listening on the port of a variable and returns the URL to call, with the port that the system chose if it is 0.
 * @throws StartupError that names the variable or HOST.
 */
export async function listen(
  server: Server,
  { host, port }: Pick<Config, 'host' | 'port'>,
  variable: 'PORT' | 'METRICS_PORT' = 'PORT',
): Promise<string> {
  try {
    await once(server.listen({ host, port }), 'listening')
    return urlOf(server.address() as AddressInfo)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === '') throw error
    if (code !== 'EADDRINUSE')
      throw new StartupError([`${code === 'EACCES' ? variable : 'HOST'}: cannot listen on ${host}:${port}: ${message}`])
    if (variable === 'METRICS_PORT')
      throw new StartupError([
        `METRICS_PORT: ${port} is in use on ${host}: stop the process that holds it, or set another port`,
      ])
    const holder = (await serverAt(host, port))
      ? ' by another MGX Backend: use that one'
      : ': stop the process that holds it'
    const other = (port % 65_535) + 1
    throw new StartupError([
      `PORT: ${port} is in use on ${host}${holder}, or take another: npm start -- --port ${other}`,
    ])
  }
}

/** Returns whether an MGX Backend responds at this address. */
async function serverAt(address: string, port: number): Promise<boolean> {
  try {
    const { headers } = await fetch(`${urlOf({ address, port })}/healthz`, { signal: AbortSignal.timeout(1_000) })
    return headers.has('x-mgx-contract')
  } catch {
    return false
  }
}

/** A callable address for each wildcard address. */
const anyAddress: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

function urlOf({ address, port }: Pick<AddressInfo, 'address' | 'port'>): string {
  const name = anyAddress[address] ?? address
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
