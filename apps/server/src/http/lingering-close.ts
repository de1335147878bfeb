import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As long as nginx waits by default (`lingering_timeout`). */
const LINGER_MILLISECONDS = 5_000
const LINGER_BYTES = 8 * 1024 * 1024

/**
 * Closes a connection after the response to a request that was refused before all of it had arrived. Closing at once would
 * make the kernel reset the connection, and a caller that is still sending would lose the response. So what follows is read
 * and dropped until the caller has sent everything or closes, within bounds.
 */
export function closeAfterRest(socket: Socket, request: IncomingMessage): void {
  socket.end()
  let bytes = 0
  socket.on('data', ({ length }) => {
    bytes += length
    if (request.complete || bytes > LINGER_BYTES) socket.destroy()
  })
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS)
  socket.once('close', () => clearTimeout(timer))
}
