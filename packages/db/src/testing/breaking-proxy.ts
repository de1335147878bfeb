import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that breaks when it is told to; every connection goes to where `target` then points. */
export async function breakingProxy(target: string) {
  const sockets = new Set<Socket>()
  const proxy = {
    target,
    /** How many connections came through. */
    connections: 0,
    url: '',
    /** Breaks every connection there is. */
    cut() {
      for (const socket of sockets) socket.destroy()
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
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}
