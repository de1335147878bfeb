import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/**
 * Starts a TCP proxy to a server or database that can cut its connections, also in the middle of a reply, or stop
 * forwarding. A new connection goes to the current `target`.
 */
export async function breakingProxy(target: string) {
  /** Maps each socket to the one that its data is forwarded to. */
  const ways = new Map<Socket, Socket>()
  /** The sockets that replies come from, until they are to be cut. */
  const replies = new WeakSet<Socket>()
  let isSilent = false
  const proxy = {
    target,
    /** How many connections were opened. */
    connections: 0,
    url: '',
    /** Cuts every open connection. */
    cut() {
      for (const socket of ways.keys()) socket.destroy()
    },
    /** Cuts every open connection at its next reply: before any of it, after half of it, or after all that came at once. */
    cutReplies(moment: 'before' | 'in' | 'after') {
      for (const [far, near] of ways) {
        if (!replies.delete(far)) continue
        far.unpipe(near).resume()
        far.once('data', (chunk: Buffer) => {
          const passed = { before: 0, in: Math.floor(chunk.length / 2), after: chunk.length }[moment]
          near.write(chunk.subarray(0, passed), () => far.destroy())
        })
      }
    },
    /** Stops forwarding data but keeps connections open. */
    silence() {
      isSilent = true
      for (const [from, to] of ways) from.unpipe(to).resume()
    },
    /** Forwards new connections again, and cuts those that it was silent on. */
    restore() {
      isSilent = false
      proxy.cut()
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
    replies.add(far)
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
