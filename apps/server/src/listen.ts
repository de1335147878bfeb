import type { FastifyInstance } from 'fastify'
import type { Config } from './config.js'
import { StartupError } from './startup-error.js'

/** Which variable to change for what the operating system says to `listen`. */
const blame: Record<string, 'HOST' | 'PORT'> = {
  EACCES: 'PORT',
  EADDRNOTAVAIL: 'HOST',
  ENOTFOUND: 'HOST',
  EAI_AGAIN: 'HOST',
}

/**
 * Begins to listen; answers the address to call, with the port the system chose if PORT is 0.
 * @throws StartupError that names PORT or HOST.
 */
export async function listen(http: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<string> {
  try {
    return await http.listen({ host, port })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === '') throw error
    if (code !== 'EADDRINUSE')
      throw new StartupError([`${blame[code] ?? 'HOST'}: cannot listen on ${host}:${port}: ${message}`])
    const holder = (await serverAt(host, port)) ? ' by another MGX Backend: use that one' : ': end what holds it'
    const other = (port % 65_535) + 1
    throw new StartupError([
      `PORT: ${port} is in use on ${host}${holder}, or take another: npm start -- --port ${other}`,
    ])
  }
}

/** Whether one of our servers answers there. */
async function serverAt(host: string, port: number): Promise<boolean> {
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const { headers } = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(1_000) })
    return headers.has('x-mgx-contract')
  } catch {
    return false
  }
}
