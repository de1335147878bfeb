import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/**
 * A way to a server, or to a database, that breaks or falls silent when it is told to; every connection goes to where
 * `target` then points.
 */
export async function breakingProxy(target: string) {
  /** What comes from each socket goes to this one. */
  const ways = new Map<Socket, Socket>()
  let isSilent = false
  const proxy = {
    target,
    /** How many connections came through. */
    connections: 0,
    url: '',
    /** Breaks every connection there is. */
    cut() {
      for (const socket of ways.keys()) socket.destroy()
    },
    /** Lets nothing through any more; connections stay. */
    silence() {
      isSilent = true
      for (const [from, to] of ways) from.unpipe(to).resume()
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        proxy.cut()
      }),
  }
  const server = createServer((near) => {
    proxy.connections += 1
    const { hostname, port } = new URL(proxy.target)
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ways.set(from, to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        ways.delete(from)
        to.destroy()
      })
      if (isSilent) from.resume()
      else from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  proxy.url = url.href.replace(/\/$/, '')
  return proxy
}
