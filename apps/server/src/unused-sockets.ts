import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Answers a function that closes the connections on which no caller has said anything yet, such as a browser opens in
 * advance. Node's own closing of idle connections takes them for busy, and the server would wait for them in vain.
 */
export function trackUnusedSockets(server: Server): () => void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}
