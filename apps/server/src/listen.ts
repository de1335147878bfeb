import type { FastifyInstance } from 'fastify'
import type { Config } from './config.js'
import { StartupError } from './startup-error.js'

/** Which variable to change for what the operating system says to `listen`. */
const blame: Record<string, 'HOST' | 'PORT'> = {
  EADDRINUSE: 'PORT',
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
    return await http.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === '') throw error
    const variable = blame[code] ?? 'HOST'
    throw new StartupError([
      code === 'EADDRINUSE'
        ? `PORT: ${port} is in use on ${host}`
        : `${variable}: cannot listen on ${host}:${port}: ${message}`,
    ])
  }
}
